import { WaybillError } from "@waybill/core";
import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { lowerPriority } from "../process/lower-priority.ts";
import { MARKER_VARIABLE, referenceTo } from "../process/process-table.ts";
import type { SupervisorEvents } from "../protocol/host.ts";
import { connectSupervisor } from "../protocol/supervisor-pipe.ts";

/**
 * Says by an empty line that it is there, waits for the execution's id as a first line, then becomes bubblewrap. What bubblewrap has to say comes on the pipe
 * that is the supervisor's afterwards: the number of the process inside, and in the worst case why there is none.
 */
const LAUNCHER = `echo
read -r id || exit 0
export ${MARKER_VARIABLE}="$id"
program=$1 filter=$2
shift 2
[ -z "$filter" ] || exec "$program" --args 3 --info-fd 5 --seccomp 4 -- "$@" 4<"$filter" 5>&1 2>&1
exec "$program" --args 3 --info-fd 5 -- "$@" 5>&1 2>&1`;

/** What the sandbox says when its walls stand, just before it becomes the supervisor. */
export const READY = "waybill-sandbox-ready";

/** The most that is kept of what bubblewrap says. */
const MAX_SAID = 16_384;

export interface LauncherOptions {
  /** Absolute path of bubblewrap. */
  readonly program: string;
  /**
   * Absolute path of `unshare` where the user a sandbox has outside is not the one we run as; empty: it is. The launcher
   * then gets a user namespace of two users: ours to build the walls with, the other one to run the job.
   */
  readonly unshare: string;
  /** Where programs are looked for. */
  readonly path: string;
  /** File with the system call filter; empty: none. */
  readonly filter: string;
  /** What runs inside. */
  readonly command: readonly string[];
  /** See `lowerPriority`. */
  readonly niceness: number;
}

export interface LaunchRequest {
  readonly executionId: string;
  /** Options of bubblewrap. */
  readonly args: readonly string[];
  /** User and group outside that the job has; null: ours. */
  readonly outsideId: number | null;
  /** The same as the job sees them. */
  readonly insideId: number;
  /** Called with the id of the launcher before it does anything. */
  readonly prepare: (pid: number) => void;
}

/** A process that is a sandbox, or waits to become one. It serves one execution. */
export class SandboxProcess {
  readonly #child: ChildProcess;
  readonly #write: (line: string) => void;
  readonly #arguments: Writable;
  readonly #waiting = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<void>();
  #said = "";
  #events: SupervisorEvents | null = null;
  #reference = "";

  /** @throws the system error where not even a launcher can be started */
  static async start(options: LauncherOptions): Promise<SandboxProcess> {
    const command = ["/bin/sh", "-c", LAUNCHER, "sh", options.program, options.filter, ...options.command];
    const [program = "", ...args] = options.unshare === "" ? command : [options.unshare, "--user", "--", ...command];
    const child = spawn(program, args, {
      // A session of its own: Ctrl-C on our terminal and our own end do not reach it.
      detached: true,
      cwd: "/",
      stdio: ["pipe", "pipe", "ignore", "pipe"],
      env: { PATH: options.path },
    });
    if (child.pid === undefined) throw await new Promise<Error>((resolve) => child.once("error", resolve));
    lowerPriority(child.pid, options.niceness);
    return new SandboxProcess(child);
  }

  private constructor(child: ReturnType<typeof spawn>) {
    this.#child = child;
    const { stdin, stdout } = child;
    const args = child.stdio[3];
    if (stdin === null || stdout === null || !(args instanceof Socket)) {
      throw new TypeError("the sandbox was started without pipes");
    }
    this.#arguments = args;
    args.on("error", () => undefined);
    stdout.on("data", (chunk: Buffer) => this.#listen(chunk));
    this.#write = connectSupervisor(stdin, stdout, (key) => this.#events?.stepEnded(key));
    child.on("exit", (code, signal) => {
      stdin.destroy();
      args.destroy();
      if (this.#events !== null) stdout.destroy();
      this.#events?.gone(`its sandbox ended (${signal ?? `exit code ${code}`})`);
    });
    child.on("close", () => {
      this.#waiting.resolve();
      this.#ready.resolve();
    });
    // Our process may end while executions go on.
    child.unref();
    for (const pipe of [stdin, stdout, args]) if (pipe instanceof Socket) pipe.unref();
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The process inside, as `parseReference` takes it. */
  get reference(): string {
    return this.#reference;
  }

  /**
   * Builds the sandbox.
   *
   * @throws WaybillError `EXECUTOR_SANDBOX_FAILED`
   */
  async enter(request: LaunchRequest): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) throw new TypeError("the sandbox was never started");
    this.#child.ref();
    await this.#waiting.promise;
    // It is our child and was not waited for, so no other process has its number, even if it is dead.
    request.prepare(pid);
    if (request.outsideId !== null) mapUsers(pid, request.outsideId, request.insideId);
    this.#write(request.executionId);
    this.#arguments.end(`${request.args.join("\0")}\0`);
    await this.#ready.promise;
    this.#child.unref();
    const inside = /"child-pid": (\d+)/.exec(this.#said)?.[1];
    if (inside !== undefined) this.#reference = referenceTo(Number(inside));
    if (!this.#said.includes(`${READY}\n`) || inside === undefined) {
      throw new WaybillError("EXECUTOR_SANDBOX_FAILED", {
        execution: request.executionId,
        detail: complaint(this.#said),
      });
    }
    this.#said = "";
  }

  /** From now on it works for the execution that has its files in `controlPath`, as it sees it. */
  serve(controlPath: string, events: SupervisorEvents): void {
    this.#events = events;
    this.#write(`>${controlPath}`);
  }

  send(key: string): void {
    this.#write(key);
  }

  /** Resolves when the killed sandbox is gone. */
  async ended(): Promise<void> {
    this.#child.ref();
    if (this.isAlive) await new Promise((resolve) => this.#child.once("exit", resolve));
  }

  /** Ends a launcher that waits. */
  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended();
  }

  #listen(chunk: Buffer): void {
    if (this.#events !== null || this.#said.length > MAX_SAID) return;
    this.#said += chunk.toString();
    if (this.#said.includes("\n")) this.#waiting.resolve();
    if (this.#said.includes(`${READY}\n`)) this.#ready.resolve();
  }
}

/** The two users of the namespace a launcher is in: ours is root there, which is what builds walls. */
function mapUsers(pid: number, outside: number, inside: number): void {
  for (const [file, own] of [
    ["uid_map", process.getuid?.() ?? 0],
    ["gid_map", process.getgid?.() ?? 0],
  ] as const) {
    // One write each: the kernel takes no second one.
    writeFileSync(`/proc/${pid}/${file}`, `0 ${own} 1\n${inside} ${outside} 1\n`);
  }
}

/** What bubblewrap said, without the number of the process it made. */
function complaint(said: string): string {
  const text = said.replace(/\{\s*"child-pid": \d+\s*\}/, "").trim();
  return text === "" ? "it ended without a word." : text.slice(0, 500);
}
