import { WaybillError } from "@waybill/core";
import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import type { GitCredentials } from "./ports.ts";

export interface GitCall {
  readonly args: readonly string[];
  /** For errors: what is being done, without anything secret. */
  readonly what: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Of standard output. */
  readonly maxOutputBytes: number;
  /** Of any one file that is written: a pack is one file. Null: nothing is written, so nothing has to be limited. */
  readonly maxFileBytes: number | null;
  readonly credentials?: GitCredentials | undefined;
}

export interface GitOutcome {
  /** Null: ended by a signal. */
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  /** The end of it. */
  readonly stderr: string;
}

const MAX_STDERR_BYTES = 16_384;
/** Of `ulimit -f` in a POSIX shell. */
const BLOCK_BYTES = 512;
/** The descriptor that GIT_ASKPASS reads: `askpass.ts`. */
const CREDENTIALS_FD = 3;

/** Settings that hold for every call, whatever a repository's own configuration says. */
export const HARDENING = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.symlinks=true",
  "core.protectHFS=true",
  "core.protectNTFS=true",
  "core.alternateRefsCommand=",
  "credential.helper=",
  "gc.auto=0",
  "maintenance.auto=false",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "advice.detachedHead=false",
].flatMap((setting) => ["-c", setting]);

/**
 * Limits the size of files and becomes Git: the arguments are never part of a shell's text. The signal is ignored so
 * that writing more is an error, of which Git says what it is.
 */
const LIMITED = 'trap "" XFSZ && ulimit -f "$1" && shift && exec git "$@"';

/**
 * Runs Git to its end, with all it starts. What takes longer, or prints more, than it may is killed.
 *
 * @throws WaybillError `GIT_NOT_INSTALLED`, `GIT_TIMED_OUT`, `GIT_TOO_LARGE`
 */
export async function runGit(call: GitCall): Promise<GitOutcome> {
  const [program, ...args] = commandOf(call);
  const child = spawn(program, args, {
    cwd: "/",
    env: { ...call.environment },
    // Read by GIT_ASKPASS alone. A pipe leaves nothing on the disk, in an environment or in a list of processes.
    stdio: ["ignore", "pipe", "pipe", call.credentials === undefined ? "ignore" : "pipe"],
    // A group of its own: with Git ends all that it has started.
    detached: true,
  });
  let problem: WaybillError | null = null;
  const stop = (error: WaybillError): void => {
    problem ??= error;
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  };
  const timer = setTimeout(
    () => stop(new WaybillError("GIT_TIMED_OUT", { what: call.what, seconds: Math.round(call.timeoutMs / 1000) })),
    call.timeoutMs,
  );
  const stdout: Buffer[] = [];
  let size = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > call.maxOutputBytes) stop(new WaybillError("GIT_TOO_LARGE", { what: call.what }));
    else stdout.push(chunk);
  });
  let stderr = Buffer.alloc(0);
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-MAX_STDERR_BYTES);
  });
  if (call.credentials !== undefined) giveCredentials(child.stdio[CREDENTIALS_FD] as Writable, call.credentials);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on("error", (cause) => reject(new WaybillError("GIT_NOT_INSTALLED", {}, { cause })));
      child.on("close", resolve);
    });
    if (problem !== null) throw problem as WaybillError;
    if (exitCode === 127) throw new WaybillError("GIT_NOT_INSTALLED", {});
    const text = stderr.toString();
    if (/File too large/.test(text)) {
      throw new WaybillError("GIT_TOO_LARGE", { what: call.what });
    }
    return { exitCode, stdout: Buffer.concat(stdout), stderr: text };
  } finally {
    clearTimeout(timer);
  }
}

/** A shell that only sets a limit takes as long to start as a small call of Git. */
function commandOf({ maxFileBytes, args }: GitCall): readonly [string, ...string[]] {
  if (maxFileBytes === null) return ["git", ...HARDENING, ...args];
  const blocks = String(Math.max(1, Math.floor(maxFileBytes / BLOCK_BYTES)));
  return ["/bin/sh", "-c", LIMITED, "sh", blocks, ...HARDENING, ...args];
}

function giveCredentials(pipe: Writable, { username, password }: GitCredentials): void {
  // Where nobody asks, the pipe is closed unread.
  pipe.on("error", () => undefined);
  pipe.end(`${username}\n${password}\n`);
}

/** What Git says last is what it failed of; what the remote says comes before it. */
export function lastLine(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return (lines.findLast((line) => /^(?:fatal|error|remote):/.test(line)) ?? lines.at(-1) ?? "it said nothing").slice(
    0,
    500,
  );
}
