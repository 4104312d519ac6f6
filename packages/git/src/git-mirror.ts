import { WaybillError, type Clock } from "@waybill/core";
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { RepositoryAddress } from "./address.ts";
import { checkCredentials } from "./askpass.ts";
import { COMMIT_NAME } from "./commit-name.ts";
import { lockFile } from "./lock-file.ts";
import type { GitCredentials, History, Mirror } from "./ports.ts";
import { GitHistory } from "./git-history.ts";
import { plainFileOf } from "./plain-file.ts";
import { checkResolvedHost } from "./refused-hosts.ts";
import { GitObjects } from "./git-objects.ts";
import { lastLine, runGit, type GitCall, type GitOutcome } from "./run-git.ts";

export interface GitMirrorOptions {
  readonly address: RepositoryAddress;
  /** Of the bare repository; absolute. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly fetchTimeoutMs: number;
  readonly maxPackBytes: number;
}

/** Of calls that only read the mirror. */
const LOCAL_TIMEOUT_MS = 60_000;
const CHECK_OUT_TIMEOUT_MS = 600_000;
const MAX_NAMES_BYTES = 64 * 1024 * 1024;
const MAX_LINE_BYTES = 4096;
/** Its message is part of it. */
const MAX_COMMIT_BYTES = 16 * 1024 * 1024;
/** Names of commits that are remembered: of those that runs are about, each is asked for several times. */
const MAX_SEEN = 10_000;
/** The tree without any file, of either hash: what a commit without a parent differs from. */
const EMPTY_TREES: Readonly<Record<number, string>> = {
  40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
};

export class GitMirror implements Mirror {
  readonly history: History;
  readonly #options: GitMirrorOptions;
  /** The update under way in this process, which others wait for. */
  #updates: Promise<unknown> = Promise.resolve();
  /** Commits that were seen here. None goes away again: nothing in a mirror is ever collected. */
  readonly #seen = new Set<string>();

  readonly #objects: GitObjects;

  constructor(options: GitMirrorOptions) {
    this.#options = options;
    const { directory, environment } = options;
    this.#objects = new GitObjects({ directory, environment, timeoutMs: LOCAL_TIMEOUT_MS });
    this.history = new GitHistory({ directory, environment, isConfigurationOurs: true });
  }

  async update(credentials?: GitCredentials): Promise<void> {
    if (credentials !== undefined) checkCredentials(credentials, this.#options.address.url);
    const update = this.#updates.then(() => this.#lockedUpdate(credentials));
    this.#updates = update.catch(() => undefined);
    await update;
  }

  async #lockedUpdate(credentials: GitCredentials | undefined): Promise<void> {
    const { directory, clock, fetchTimeoutMs, address } = this.#options;
    if (address.protocol !== "file") await checkResolvedHost(new URL(address.url).hostname);
    const lock = await lockFile(`${directory}.lock`, clock, fetchTimeoutMs);
    if (lock === null) {
      const what = `waiting for another fetch of ${address.url}`;
      throw new WaybillError("GIT_TIMED_OUT", { what, seconds: Math.round(fetchTimeoutMs / 1000) });
    }
    try {
      if (existsSync(directory)) await this.#fetch(credentials);
      else await this.#clone(credentials);
    } finally {
      lock.release();
    }
  }

  /** Under another name until it is whole: half a clone would look like an empty repository. */
  async #clone(credentials: GitCredentials | undefined): Promise<void> {
    const { directory, address } = this.#options;
    const unfinished = `${directory}.new`;
    try {
      await rm(unfinished, { recursive: true, force: true });
      const args = ["clone", "--mirror", "--no-local", "--no-hardlinks", "--quiet", "--", address.url, unfinished];
      await this.#transfer(args, credentials);
      await rename(unfinished, directory);
      // Somebody removed the mirror that was there before, and with it what nobody has any more.
      this.#seen.clear();
      this.#objects.restart();
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }

  async #fetch(credentials: GitCredentials | undefined): Promise<void> {
    const { directory, address } = this.#options;
    const refs = "+refs/*:refs/*";
    const args = ["--git-dir", directory, "fetch", "--prune", "--quiet", "--no-write-fetch-head", "--", address.url];
    await this.#transfer([...args, refs], credentials);
  }

  async #transfer(args: readonly string[], credentials: GitCredentials | undefined): Promise<void> {
    const { address, fetchTimeoutMs, maxPackBytes } = this.#options;
    const { url } = address;
    const outcome = await this.#run({
      args,
      what: `fetching ${url}`,
      credentials,
      timeoutMs: fetchTimeoutMs,
      maxFileBytes: maxPackBytes,
    });
    if (outcome.exitCode === 0) return;
    throw transferError(url, outcome);
  }

  async resolve(ref: string): Promise<string | null> {
    const { directory } = this.#options;
    // What could be an option, a range or a search is no name.
    if (!/^[^-\s~^:?*[\\@{}]+$/.test(ref) || ref.includes("..") || !existsSync(directory)) return null;
    if (this.#seen.has(ref)) return ref;
    const commit = await this.#objects.read(`${ref}^{commit}`, `looking for ${ref}`, MAX_COMMIT_BYTES);
    if (commit === null) return null;
    const { name } = commit;
    if (name === ref) this.#remember(name);
    return name;
  }

  #remember(sha: string): void {
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.add(sha);
  }

  async isInHistory(sha: string, head: string): Promise<boolean> {
    this.#checkCommit(sha);
    this.#checkCommit(head);
    const { directory } = this.#options;
    const args = ["--git-dir", directory, "merge-base", "--is-ancestor", sha, head];
    return (await this.#read({ args, what: `looking for ${sha}`, maxOutputBytes: MAX_LINE_BYTES })).exitCode === 0;
  }

  async mergeBase(one: string, other: string): Promise<string | null> {
    this.#checkCommit(one);
    this.#checkCommit(other);
    const args = ["--git-dir", this.#options.directory, "merge-base", one, other];
    const { exitCode, stdout } = await this.#read({
      args,
      what: `comparing ${one} with ${other}`,
      maxOutputBytes: MAX_LINE_BYTES,
    });
    const name = stdout.toString().trim();
    return exitCode === 0 && COMMIT_NAME.test(name) ? name : null;
  }

  async readFile(sha: string, path: string, maxBytes: number): Promise<Buffer | null> {
    this.#checkCommit(sha);
    const names = path.split("/");
    // eslint-disable-next-line no-control-regex -- no name has it, and a line is a question to Git
    if (/[\u0000\r\n]/.test(path) || names.some((name) => ["", ".", ".."].includes(name))) return null;
    const base = names.pop() ?? "";
    const what = `reading ${path}`;
    const tree = await this.#objects.read(`${sha}:${names.join("/")}`, what, MAX_NAMES_BYTES);
    const file = tree === null ? null : plainFileOf(tree, base);
    if (file === null) return null;
    try {
      return (await this.#objects.read(file, what, maxBytes))?.content ?? null;
    } catch (error) {
      if (!(error instanceof WaybillError) || error.code !== "GIT_TOO_LARGE") throw error;
      throw new WaybillError("GIT_FILE_TOO_LARGE", { path, bytes: maxBytes }, { cause: error });
    }
  }

  async changedPaths(from: string | null, to: string): Promise<readonly string[]> {
    this.#checkCommit(to);
    if (from !== null) this.#checkCommit(from);
    const base = from ?? EMPTY_TREES[to.length] ?? "";
    const args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", base, to];
    const what = `comparing ${base} with ${to}`;
    const { stdout } = await this.#local({ args, what, maxFileBytes: null });
    return stdout
      .toString()
      .split("\0")
      .filter((path) => path !== "");
  }

  async checkOut(sha: string, directory: string): Promise<void> {
    this.#checkCommit(sha);
    if ((await this.resolve(sha)) === null) {
      throw new WaybillError("GIT_NO_COMMIT", { ref: sha, url: this.#options.address.url });
    }
    // An index of its own, for checkouts of several runs go on at once; what is left of it by a crash goes with the run.
    const index = `${directory}.index`;
    try {
      const common = {
        what: `checking out ${sha}`,
        timeoutMs: CHECK_OUT_TIMEOUT_MS,
        environment: { GIT_INDEX_FILE: index },
      };
      // Index and files by one process: starting another one takes longer than a small checkout.
      const args = ["-c", "core.bare=false", "--work-tree", directory, "read-tree", "--reset", "-u", sha];
      await this.#local({ ...common, args });
    } finally {
      await rm(index, { force: true });
    }
  }

  #checkCommit(sha: string): void {
    if (!COMMIT_NAME.test(sha)) throw new WaybillError("GIT_NO_COMMIT", { ref: sha, url: this.#options.address.url });
  }

  /** @throws WaybillError `GIT_FAILED` where Git says no */
  async #local(call: Partial<GitCall> & Pick<GitCall, "args" | "what">): Promise<GitOutcome> {
    const outcome = await this.#run({ ...call, args: ["--git-dir", this.#options.directory, ...call.args] });
    if (outcome.exitCode === 0) return outcome;
    throw new WaybillError("GIT_FAILED", { what: call.what, detail: lastLine(outcome.stderr) });
  }

  /** Writes nothing. */
  #read(call: Partial<GitCall> & Pick<GitCall, "args" | "what">): Promise<GitOutcome> {
    return this.#run({ ...call, maxFileBytes: null });
  }

  #run(call: Partial<GitCall> & Pick<GitCall, "args" | "what">): Promise<GitOutcome> {
    return runGit({
      timeoutMs: LOCAL_TIMEOUT_MS,
      maxOutputBytes: MAX_NAMES_BYTES,
      maxFileBytes: this.#options.maxPackBytes,
      ...call,
      environment: { ...this.#options.environment, ...call.environment },
    });
  }
}

/** Of a call that asked the remote. */
export function transferError(url: string, { stderr }: GitOutcome): WaybillError {
  const detail = lastLine(stderr);
  const denied = /authentication failed|could not read (?:username|password)|permission denied|access denied|403/i;
  return new WaybillError(denied.test(stderr) ? "GIT_ACCESS_DENIED" : "GIT_UNREACHABLE", { url, detail });
}
