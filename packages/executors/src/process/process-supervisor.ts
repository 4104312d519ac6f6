import type { ChildProcess } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import type { Supervisor } from "../protocol/host.ts";
import { findProcesses, isSupervisor, processesSince, processExists, type ProcessFilter } from "./process-table.ts";

/** A tree that starts processes faster than this many rounds of killing is left to the next attempt to close. */
const MAX_KILL_ROUNDS = 200;
/**
 * Up to this age the processes of an execution are looked for among the most recent ones only. In so short a time
 * process ids do not go round.
 */
const YOUNG_MS = 1000;

/** What a supervisor that this process launched has besides. */
export interface OwnedSupervisor {
  readonly child: ChildProcess;
  readonly send: (key: string) => void;
  /** Sessions of the supervisors this process launched, as far as they live. */
  readonly sessions: ReadonlySet<number>;
}

/** A supervisor that is a process of this host, and the processes it started. */
export class ProcessSupervisor implements Supervisor {
  readonly #executionId: string;
  /** Null: nobody wrote it down. */
  readonly #pid: number | null;
  /** Null: an earlier process of ours started it. */
  readonly #child: ChildProcess | null;
  readonly #sessions: ReadonlySet<number>;
  readonly #startedAt = performance.now();
  readonly send: ((key: string) => void) | null;
  readonly reference: string;

  constructor(executionId: string, pid: number | null, owned: OwnedSupervisor | null) {
    this.#executionId = executionId;
    this.#pid = pid;
    this.reference = String(pid);
    this.#child = owned?.child ?? null;
    this.#sessions = owned?.sessions ?? new Set();
    this.send = owned?.send ?? null;
  }

  isAlive(): boolean {
    if (this.#child !== null) return this.#child.exitCode === null && this.#child.signalCode === null;
    return this.#pid !== null && isSupervisor(this.#pid, this.#executionId);
  }

  async terminate(): Promise<void> {
    if (this.#pid !== null && this.isAlive()) {
      signal(-this.#pid, "SIGTERM");
      // A stopped process acts on the signal only when it goes on.
      signal(-this.#pid, "SIGCONT");
    }
    const outsideTheGroup = await findProcesses({ ...this.#filter(), session: null });
    for (const pid of outsideTheGroup) signal(pid, "SIGTERM");
  }

  async hasProcesses(): Promise<boolean> {
    return (await findProcesses(this.#filter())).length > 0;
  }

  async kill(): Promise<void> {
    await this.#killAll(() => findProcesses(this.#filter()));
  }

  async destroy(): Promise<void> {
    const isYoung = this.#child !== null && performance.now() - this.#startedAt < YOUNG_MS;
    if (this.#pid !== null && this.isAlive()) {
      // One call for the whole group, so that nothing in it can start another process meanwhile.
      signal(-this.#pid, "SIGKILL");
      await this.#end();
    }
    const filter = this.#filter();
    const recent = isYoung && this.#pid !== null ? processesSince(this.#pid) : null;
    await this.#killAll((isFirstRound) =>
      isFirstRound && recent !== null
        ? findProcesses({ ...filter, otherSessions: this.#sessions }, recent)
        : findProcesses(filter),
    );
  }

  /** Kills what `find` finds until it finds nothing: what is found may just have started something new. */
  async #killAll(find: (isFirstRound: boolean) => Promise<number[]>): Promise<void> {
    for (let round = 0; round < MAX_KILL_ROUNDS; round += 1) {
      const pids = await find(round === 0);
      if (pids.length === 0) return;
      for (const pid of pids) signal(pid, "SIGKILL");
      await setTimeout(1);
    }
  }

  /** Resolves when the killed supervisor is gone. */
  async #end(): Promise<void> {
    const child = this.#child;
    if (child !== null) {
      child.ref();
      if (this.isAlive()) await new Promise((resolve) => child.once("exit", resolve));
      return;
    }
    while (this.isAlive()) await setTimeout(1);
  }

  #filter(): ProcessFilter {
    const pid = this.#pid;
    // A session's number is not given to another process while the session has members, so a foreign process of that
    // number proves that the session is gone.
    const isSession = pid !== null && (this.isAlive() || !processExists(pid));
    return { session: isSession ? pid : null, executionId: this.#executionId, except: isSession ? pid : null };
  }
}

function signal(pid: number, name: "SIGTERM" | "SIGCONT" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, or not ours: either way there is nothing left to do about it.
  }
}
