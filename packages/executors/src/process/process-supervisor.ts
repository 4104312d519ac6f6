import { setTimeout } from "node:timers/promises";
import type { Supervisor } from "../protocol/host.ts";
import {
  childrenOf,
  findProcesses,
  identityOf,
  latestProcess,
  processesSince,
  processExists,
  type ProcessFilter,
  type ProcessIdentity,
} from "./process-table.ts";
import type { SupervisorProcess } from "./supervisor-process.ts";

/** A tree that starts processes faster than this many rounds of killing is left to the next attempt to close. */
const MAX_KILL_ROUNDS = 200;
/**
 * Up to this age the processes of an execution are looked for among the most recent ones only. In so short a time
 * process ids do not go round.
 */
const YOUNG_MS = 1000;

/** What an execution has besides whose supervisor this process started. */
export interface OwnedSupervisor {
  readonly process: SupervisorProcess;
  /** Sessions of the supervisors this process started, as far as they live. */
  readonly sessions: ReadonlySet<number>;
  /** Takes the supervisor back, alive and with nothing to do. */
  readonly release: (supervisor: SupervisorProcess) => void;
}

/** The supervisor of one execution, as a process of this host, and the processes it started. */
export class ProcessSupervisor implements Supervisor {
  readonly #executionId: string;
  /** Null: nobody wrote it down. */
  readonly #identity: ProcessIdentity | null;
  /** Null: an earlier process of ours started it. */
  readonly #owned: OwnedSupervisor | null;
  /** Processes that were there when SIGTERM was sent; null: it was not sent yet. */
  #known: Set<number> | null = null;
  /** The step's shell ran no command when SIGTERM was sent. */
  #mayStartLate = false;
  readonly #startedAt = performance.now();
  /** The last process that was there before this execution was; NaN: not known. */
  readonly #before: number;
  readonly send: ((key: string) => void) | null;
  readonly reference: string;

  constructor(executionId: string, reference: string | null, owned: OwnedSupervisor | null) {
    this.#executionId = executionId;
    this.#identity = reference === null ? null : parseReference(reference);
    this.reference = reference ?? "";
    this.#owned = owned;
    this.#before = owned === null ? Number.NaN : latestProcess();
    this.send = owned === null ? null : (key): void => owned.process.send(key);
  }

  isAlive(): boolean {
    if (this.#owned !== null) return this.#owned.process.isAlive;
    const identity = this.#identity;
    return identity !== null && identityOf(identity.pid)?.startTime === identity.startTime;
  }

  async terminate(): Promise<void> {
    const supervisor = this.#identity?.pid ?? null;
    const found = await findProcesses(this.#filter());
    if (this.#known !== null) {
      this.#terminateLateStart(supervisor, found);
      return;
    }
    this.#known = new Set(found);
    this.#mayStartLate = childrenOf(childrenOf([supervisor], found), found).length === 0;
    if (supervisor !== null && this.isAlive()) {
      signal(-supervisor, "SIGTERM");
      // A stopped process acts on the signal only when it goes on.
      signal(-supervisor, "SIGCONT");
    }
    const outsideTheGroup = await findProcesses({ ...this.#filter(), session: null });
    for (const pid of outsideTheGroup) signal(pid, "SIGTERM");
  }

  /**
   * A shell that gets SIGTERM between two commands may start the next one all the same, and acts on the signal when
   * that ends. Such a command gets the signal too. Others that start late do not: they are what a shell or a program
   * cleans up with, and have the whole grace period.
   */
  #terminateLateStart(supervisor: number | null, found: readonly number[]): void {
    if (!this.#mayStartLate) return;
    const started = childrenOf(childrenOf([supervisor], found), found).filter((pid) => this.#known?.has(pid) === false);
    this.#mayStartLate = started.length === 0;
    for (const pid of started) {
      signal(pid, "SIGTERM");
      signal(pid, "SIGCONT");
    }
  }

  async hasProcesses(): Promise<boolean> {
    return (await findProcesses(this.#filter())).length > 0;
  }

  async kill(): Promise<void> {
    await this.#killAll(() => findProcesses(this.#filter()));
  }

  /** Plain processes have no limit of their own: what the kernel ends, it ends for the whole machine. */
  async ranOutOfMemory(): Promise<boolean> {
    return await Promise.resolve(false);
  }

  async destroy(isIdle: boolean): Promise<void> {
    const isReusable = isIdle && this.#owned !== null && this.isAlive();
    if (!isReusable) await this.#endGroup();
    const isYoung = performance.now() - this.#startedAt < YOUNG_MS;
    const recent = isYoung ? processesSince(this.#before) : null;
    const filter = this.#filter();
    const sessions = this.#owned?.sessions ?? new Set();
    await this.#killAll((isFirstRound) =>
      isFirstRound && recent !== null
        ? findProcesses({ ...filter, otherSessions: withoutOwn(sessions, filter.session) }, recent)
        : findProcesses(filter),
    );
    if (isReusable && this.#owned !== null) this.#owned.release(this.#owned.process);
  }

  /** One call for the whole group, so that nothing in it can start another process meanwhile. */
  async #endGroup(): Promise<void> {
    if (this.#identity === null || !this.isAlive()) return;
    signal(-this.#identity.pid, "SIGKILL");
    if (this.#owned !== null) return await this.#owned.process.ended();
    while (this.isAlive()) await setTimeout(1);
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

  #filter(): ProcessFilter {
    const pid = this.#identity?.pid ?? null;
    // A session's number is not given to another process while the session has members, so a foreign process of that
    // number proves that the session is gone.
    const isSession = pid !== null && (this.isAlive() || !processExists(pid));
    return { session: isSession ? pid : null, executionId: this.#executionId, except: isSession ? pid : null };
  }
}

/** The identity in a reference; null: a job has rewritten the file it comes from. */
function parseReference(reference: string): ProcessIdentity | null {
  const [, pid, startTime] = /^([1-9]\d{0,9}) (\d*)$/.exec(reference) ?? [];
  return pid === undefined || startTime === undefined ? null : { pid: Number(pid), startTime };
}

function withoutOwn(sessions: ReadonlySet<number>, own: number | null): ReadonlySet<number> {
  if (own === null || !sessions.has(own)) return sessions;
  const others = new Set(sessions);
  others.delete(own);
  return others;
}

function signal(pid: number, name: "SIGTERM" | "SIGCONT" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, or not ours: either way there is nothing left to do about it.
  }
}
