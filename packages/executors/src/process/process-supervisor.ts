import { setTimeout } from "node:timers/promises";
import type { Supervisor } from "../protocol/host.ts";
import {
  findProcesses,
  outsideOfGroup,
  isAlive,
  latestProcess,
  parseReference,
  processesSince,
  processExists,
  type ProcessFilter,
  type ProcessIdentity,
} from "./process-table.ts";
import { killAll, signal } from "./signals.ts";
import type { SupervisorProcess } from "./supervisor-process.ts";
import { Termination } from "./termination.ts";

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
  /** Of the step that was stopped last; null: none was. */
  #termination: Termination | null = null;
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
    return this.#identity !== null && isAlive(this.#identity);
  }

  async terminate(): Promise<void> {
    const supervisor = this.#identity?.pid ?? null;
    const found = await findProcesses(this.#filter());
    if (found.length === 0) return;
    if (this.#termination?.isUnderWay(found) === true) {
      for (const pid of this.#termination.late(found)) {
        signal(pid, "SIGTERM");
        signal(pid, "SIGCONT");
      }
      return;
    }
    this.#termination = new Termination(supervisor, found);
    const group = supervisor !== null && this.isAlive() ? supervisor : null;
    // Looked for beforehand: what is there afterwards may be what a program cleans up with.
    const others = outsideOfGroup(group, found);
    if (group !== null) {
      signal(-group, "SIGTERM");
      // A stopped process acts on the signal only when it goes on.
      signal(-group, "SIGCONT");
    }
    for (const pid of others) signal(pid, "SIGTERM");
  }

  async hasProcesses(): Promise<boolean> {
    return (await findProcesses(this.#filter())).length > 0;
  }

  async kill(): Promise<void> {
    await killAll(() => findProcesses(this.#filter()));
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
    await killAll((isFirstRound) =>
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

  #filter(): ProcessFilter {
    const pid = this.#identity?.pid ?? null;
    // A session's number is not given to another process while the session has members, so a foreign process of that
    // number proves that the session is gone.
    const isSession = pid !== null && (this.isAlive() || !processExists(pid));
    return { session: isSession ? pid : null, executionId: this.#executionId, except: isSession ? pid : null };
  }
}

function withoutOwn(sessions: ReadonlySet<number>, own: number | null): ReadonlySet<number> {
  if (own === null || !sessions.has(own)) return sessions;
  const others = new Set(sessions);
  others.delete(own);
  return others;
}
