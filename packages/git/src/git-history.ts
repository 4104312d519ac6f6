import { WaybillError } from "@waybill/core";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMIT_NAME } from "./commit-name.ts";
import type { AncestorQuery, History } from "./ports.ts";
import { lastLine, runGit, type GitCall, type GitOutcome } from "./run-git.ts";

export interface GitHistoryOptions {
  /** Of the repository itself: `.git` of a checkout. Absolute. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** False: its configuration is somebody else's, and could name programs for Git to start when it merges. */
  readonly isConfigurationOurs: boolean;
}

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Of the objects that a merge makes: trees and merged files. */
const MAX_FILE_BYTES = 1024 ** 3;
/** Names in one call: the system limits the length of arguments. */
const NAMES_AT_ONCE = 1000;

/** Reads the history that a repository on this machine has. */
export class GitHistory implements History {
  readonly #options: GitHistoryOptions;

  constructor(options: GitHistoryOptions) {
    this.#options = options;
  }

  async ancestors(head: string, { limit, skip = 0, excluding }: AncestorQuery): Promise<readonly string[]> {
    if (!COMMIT_NAME.test(head)) return [];
    const range = excluding !== undefined && COMMIT_NAME.test(excluding) ? [`^${excluding}`] : [];
    const args = ["rev-list", `--max-count=${limit}`, `--skip=${skip}`, head, ...range, "--"];
    const { exitCode, stdout, stderr } = await this.#run(args, `reading the history of ${head}`);
    if (exitCode === 0) return lines(stdout);
    if (!(await this.has(head))) return [];
    throw new WaybillError("GIT_FAILED", { what: `reading the history of ${head}`, detail: lastLine(stderr) });
  }

  async has(sha: string): Promise<boolean> {
    if (!COMMIT_NAME.test(sha)) return false;
    return (await this.#run(["cat-file", "-e", `${sha}^{commit}`], `looking for ${sha}`)).exitCode === 0;
  }

  async isInHistory(sha: string, head: string): Promise<boolean | null> {
    if (!COMMIT_NAME.test(sha) || !COMMIT_NAME.test(head)) return null;
    const { exitCode } = await this.#run(["merge-base", "--is-ancestor", sha, head], `looking for ${sha}`);
    // Anything but yes and no: one of them is not there.
    return exitCode === 0 ? true : exitCode === 1 ? false : null;
  }

  async parents(sha: string): Promise<readonly string[]> {
    if (!COMMIT_NAME.test(sha)) return [];
    const args = ["rev-list", "--no-walk", "--ignore-missing", "--parents", sha, "--"];
    const [line = ""] = lines((await this.#read(args, `looking for ${sha}`)).stdout);
    return line.split(" ").slice(1);
  }

  async trees(shas: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const known = shas.filter((sha) => COMMIT_NAME.test(sha));
    const trees = new Map<string, string>();
    for (let from = 0; from < known.length; from += NAMES_AT_ONCE) {
      const some = known.slice(from, from + NAMES_AT_ONCE);
      const format = ["--no-walk=unsorted", "--ignore-missing", "--no-commit-header", "--format=%H %T"];
      const { stdout } = await this.#read(["rev-list", ...format, ...some, "--"], "reading commits");
      for (const line of lines(stdout)) {
        const [sha = "", tree = ""] = line.split(" ");
        trees.set(sha, tree);
      }
    }
    return trees;
  }

  async contains(sha: string, head: string): Promise<boolean | null> {
    if (!this.#options.isConfigurationOurs || !COMMIT_NAME.test(sha) || !COMMIT_NAME.test(head)) return null;
    const own = (await this.trees([sha])).get(sha);
    if (own === undefined || !(await this.has(head))) return null;
    // What the merge makes goes elsewhere, and away again.
    const scratch = await mkdtemp(join(tmpdir(), "waybill-merge-"));
    try {
      const objects = { GIT_OBJECT_DIRECTORY: scratch };
      const alternates = { GIT_ALTERNATE_OBJECT_DIRECTORIES: join(this.#options.directory, "objects") };
      const args = ["merge-tree", "--write-tree", "--no-messages", sha, head];
      const { exitCode, stdout } = await this.#run(args, `merging ${head}`, { ...objects, ...alternates });
      return exitCode === 0 && lines(stdout)[0] === own;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  async branchesAt(sha: string): Promise<readonly string[]> {
    if (!COMMIT_NAME.test(sha)) return [];
    const args = ["for-each-ref", `--points-at=${sha}`, "--format=%(refname:lstrip=2)", "refs/heads/"];
    return lines((await this.#run(args, `looking for branches at ${sha}`)).stdout);
  }

  async resolve(ref: string): Promise<string | null> {
    // What could be an option, a range or a search is no name.
    if (!/^[^-\s~^:?*[\\@{}]+$/.test(ref) || ref.includes("..")) return null;
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`];
    const [name = ""] = lines((await this.#run(args, `looking for ${ref}`)).stdout);
    return COMMIT_NAME.test(name) ? name : null;
  }

  /** @throws WaybillError `GIT_FAILED` where Git says no */
  async #read(args: readonly string[], what: string): Promise<GitOutcome> {
    const outcome = await this.#run(args, what);
    if (outcome.exitCode === 0) return outcome;
    throw new WaybillError("GIT_FAILED", { what, detail: lastLine(outcome.stderr) });
  }

  /** @param merge variables of a call that makes objects; all others only read */
  #run(args: readonly string[], what: string, merge?: Readonly<Record<string, string>>): Promise<GitOutcome> {
    const call: GitCall = {
      args: ["--git-dir", this.#options.directory, ...args],
      what,
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      maxFileBytes: merge === undefined ? null : MAX_FILE_BYTES,
      environment: { ...this.#options.environment, ...merge },
    };
    return runGit(call);
  }
}

function lines(stdout: Buffer): string[] {
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "");
}
