import { spawn, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import type { SupervisorEvents } from "../protocol/host.ts";
import { connectSupervisor } from "../protocol/supervisor-pipe.ts";
import { lowerPriority } from "./lower-priority.ts";
import { referenceTo } from "./process-table.ts";

export interface SupervisorCommand {
  /** Absolute path of a POSIX shell. */
  readonly shell: string;
  /** Path of the supervisor script. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  /** See `lowerPriority`. */
  readonly niceness: number;
}

/** A supervisor that this process started. It serves one execution at a time, and may serve another after it. */
export class SupervisorProcess {
  readonly #child: ChildProcess;
  readonly #write: (line: string) => void;
  readonly pid: number;
  /** Enough to know it again from another process: see `parseReference`. */
  readonly reference: string;
  #events: SupervisorEvents | null = null;

  /** @throws the system error where the shell cannot be started */
  static async start(command: SupervisorCommand): Promise<SupervisorProcess> {
    const child = spawn(command.shell, [command.script, command.shell], {
      // A session of its own: Ctrl-C on our terminal and our own end do not reach it.
      detached: true,
      cwd: "/",
      stdio: ["pipe", "pipe", "ignore"],
      env: command.environment,
    });
    if (child.pid === undefined) throw await new Promise<Error>((resolve) => child.once("error", resolve));
    lowerPriority(child.pid, command.niceness);
    return new SupervisorProcess(child, child.pid);
  }

  private constructor(child: ReturnType<typeof spawn>, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.reference = referenceTo(pid);
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new TypeError("the supervisor was started without pipes");
    this.#write = connectSupervisor(stdin, stdout, (key) => this.#events?.stepEnded(key));
    child.on("exit", (code, signal) => {
      stdin.destroy();
      stdout.destroy();
      this.#events?.gone(`its supervisor ended (${signal ?? `exit code ${code}`})`);
    });
    // Our process may end while executions go on, and while supervisors wait for the next.
    child.unref();
    for (const pipe of [stdin, stdout]) if (pipe instanceof Socket) pipe.unref();
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** From now on it works for the execution that has its files in `controlPath`, and reports to `events`. */
  serve(controlPath: string, events: SupervisorEvents): void {
    this.#events = events;
    const pieces = controlPath.split("\n");
    for (const piece of pieces.slice(0, -1)) this.#write(`|${piece}`);
    this.#write(`>${pieces.at(-1)}`);
  }

  /** The execution it served is over; nobody hears of it any more. */
  leave(): void {
    this.#events = null;
  }

  send(key: string): void {
    this.#write(key);
  }

  /** Ends it where it has nothing to do, so that nothing is lost. Resolves when it is gone. */
  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended();
  }

  onExit(listener: () => void): void {
    this.#child.once("exit", listener);
  }

  /** Resolves when the killed supervisor is gone. */
  async ended(): Promise<void> {
    this.#child.ref();
    if (this.isAlive) await new Promise((resolve) => this.#child.once("exit", resolve));
  }
}
