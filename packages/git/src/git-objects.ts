import { WaybillError } from "@waybill/core";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import type { Socket } from "node:net";
import { HARDENING, lastLine } from "./run-git.ts";

export interface GitObject {
  /** Its hash. */
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

export interface GitObjectsOptions {
  /** Of the bare repository; absolute. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** For one object. */
  readonly timeoutMs: number;
}

/** `unasked`: the process ended of another question. */
type Answer = GitObject | "unasked" | null;

interface Asked {
  readonly what: string;
  readonly maxBytes: number;
  readonly answer: PromiseWithResolvers<Answer>;
}

/** Without a question for so long the process is ended. */
const IDLE_MS = 30_000;
const MAX_HEADER_BYTES = 8192;
const MAX_STDERR_BYTES = 4096;
const NEWLINE = 0x0a;

/**
 * Reads objects of a repository through one `git cat-file --batch` that stays: starting Git for each takes thirty times as
 * long as its answer. The process ends when nobody has asked it anything for a while, and with ours.
 */
export class GitObjects {
  readonly #options: GitObjectsOptions;
  #process: BatchProcess | null = null;

  constructor(options: GitObjectsOptions) {
    this.#options = options;
  }

  /**
   * @param expression what `git rev-parse` takes, without options, for example `main^{commit}` or `HASH:path`
   * @param what for errors: what is being done
   * @returns null: there is no such object, or several have this name
   * @throws WaybillError `GIT_NOT_INSTALLED`, `GIT_TIMED_OUT`, `GIT_TOO_LARGE`, `GIT_FAILED`
   */
  async read(expression: string, what: string, maxBytes: number): Promise<GitObject | null> {
    // A line is a question.
    if (/[\r\n]/.test(expression)) return null;
    for (;;) {
      this.#process = this.#process?.isOver === false ? this.#process : new BatchProcess(this.#options);
      const answer = await this.#process.ask(expression, { what, maxBytes, answer: Promise.withResolvers() });
      if (answer !== "unasked") return answer;
    }
  }

  /** The next question is answered by a new process: the repository is another one. */
  restart(): void {
    this.#process?.end();
    this.#process = null;
  }
}

/** One process. Questions are answered in their order. */
class BatchProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #timeoutMs: number;
  readonly #asked: Asked[] = [];
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  /** Of the object that is being read: its header and how many bytes follow; null: a header is next. */
  #header: { readonly name: string; readonly type: string; readonly size: number } | null = null;
  #stderr = "";
  #timer: NodeJS.Timeout | null = null;
  isOver = false;

  constructor({ directory, environment, timeoutMs }: GitObjectsOptions) {
    this.#timeoutMs = timeoutMs;
    const args = [...HARDENING, "--git-dir", directory, "cat-file", "--batch"];
    const child = spawn("git", args, { cwd: "/", env: { ...environment }, stdio: "pipe", detached: true });
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-MAX_STDERR_BYTES);
    });
    // Writing to one that has ended; `close` says why.
    child.stdin.on("error", () => undefined);
    child.on("error", (cause) => this.#fail(new WaybillError("GIT_NOT_INSTALLED", {}, { cause })));
    child.on("close", () => {
      const [next] = this.#asked;
      if (next === undefined) this.isOver = true;
      else this.#fail(new WaybillError("GIT_FAILED", { what: next.what, detail: lastLine(this.#stderr) }));
    });
    // Between questions it keeps no program alive. At the end of ours it reads the end of its input, and ends.
    this.#keepAlive(false);
  }

  async ask(expression: string, asked: Asked): Promise<Answer> {
    if (this.#asked.length === 0) {
      this.#keepAlive(true);
      this.#watch(asked);
    }
    this.#asked.push(asked);
    this.#child.stdin.write(`${expression}\n`);
    return await asked.answer.promise;
  }

  end(): void {
    this.isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#child.stdin.end();
  }

  #take(chunk: Buffer): void {
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.length;
    // A large object comes in many pieces: they are joined once, when all of it is there.
    if (this.#header !== null && this.#unreadBytes <= this.#header.size) return;
    let buffer = Buffer.concat(this.#unread);
    for (;;) {
      const [next] = this.#asked;
      if (next === undefined) break;
      if (this.#header === null) {
        const end = buffer.indexOf(NEWLINE);
        if (end === -1) {
          if (buffer.length > MAX_HEADER_BYTES) return this.#kill(failed(next, "an answer that is none"));
          break;
        }
        const line = buffer.toString("utf8", 0, end);
        buffer = buffer.subarray(end + 1);
        const [, name = "", type = "", size = ""] = /^([0-9a-f]{40,64}) ([a-z]+) (\d+)$/.exec(line) ?? [];
        if (name === "") {
          if (!/ (?:missing|ambiguous)$/.test(line)) return this.#kill(failed(next, "an answer that is none"));
          this.#answer(null);
          continue;
        }
        if (Number(size) > next.maxBytes) return this.#kill(new WaybillError("GIT_TOO_LARGE", { what: next.what }));
        this.#header = { name, type, size: Number(size) };
      }
      const { name, type, size } = this.#header;
      // A line break follows.
      if (buffer.length <= size) break;
      const content = Buffer.from(buffer.subarray(0, size));
      buffer = buffer.subarray(size + 1);
      this.#header = null;
      this.#answer({ name, type, content });
    }
    this.#unread = buffer.length === 0 ? [] : [buffer];
    this.#unreadBytes = buffer.length;
  }

  #answer(object: GitObject | null): void {
    this.#asked.shift()?.answer.resolve(object);
    const [next] = this.#asked;
    if (next !== undefined) return this.#watch(next);
    this.#keepAlive(false);
    this.#schedule(() => this.end(), IDLE_MS).unref();
  }

  #watch({ what }: Asked): void {
    this.#schedule(() => {
      this.#kill(new WaybillError("GIT_TIMED_OUT", { what, seconds: Math.round(this.#timeoutMs / 1000) }));
    }, this.#timeoutMs);
  }

  #schedule(then: () => void, delayMs: number): NodeJS.Timeout {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(then, delayMs);
    return this.#timer;
  }

  /** What it still has to say is not to be read. */
  #kill(error: WaybillError): void {
    this.#child.kill("SIGKILL");
    this.#fail(error);
  }

  /** Whoever is being answered hears of it. Those behind ask another process. */
  #fail(error: WaybillError): void {
    this.isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#keepAlive(false);
    this.#child.stdout.removeAllListeners("data");
    const [first, ...others] = this.#asked.splice(0);
    first?.answer.reject(error);
    for (const { answer } of others) answer.resolve("unasked");
  }

  #keepAlive(isNeeded: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const each of [
      this.#child,
      stdin as unknown as Socket,
      stdout as unknown as Socket,
      stderr as unknown as Socket,
    ]) {
      if (isNeeded) each.ref();
      else each.unref();
    }
  }
}

function failed({ what }: Asked, detail: string): WaybillError {
  return new WaybillError("GIT_FAILED", { what, detail });
}
