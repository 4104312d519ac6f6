import { setTimeout } from "node:timers/promises";
import {
  descendantsOf,
  findProcesses,
  isAlive,
  parseReference,
  type ProcessIdentity,
} from "../process/process-table.ts";
import { killAll, signal } from "../process/signals.ts";
import { Termination } from "../process/termination.ts";
import type { Supervisor } from "../protocol/host.ts";
import type { LimitGroup } from "./limit-group.ts";
import type { SandboxProcess } from "./sandbox-process.ts";

/**
 * The supervisor of one execution: the first process of a PID namespace, so that everything the execution ever starts
 * stays below it, and ends with it.
 */
export class SandboxSupervisor implements Supervisor {
  readonly #executionId: string;
  /** Null: nobody wrote it down. */
  readonly #identity: ProcessIdentity | null;
  /** Null: an earlier process of ours started it. */
  readonly #owned: SandboxProcess | null;
  /** Null: the execution has no limits of its own. */
  readonly #limits: LimitGroup | null;
  /** Of the step that was stopped last; null: none was. */
  #termination: Termination | null = null;
  #outOfMemoryCount = 0;
  readonly send: ((key: string) => void) | null;
  readonly reference: string;

  constructor(executionId: string, reference: string | null, owned: SandboxProcess | null, limits: LimitGroup | null) {
    this.#executionId = executionId;
    this.#identity = reference === null ? null : parseReference(reference);
    this.reference = reference ?? "";
    this.#owned = owned;
    this.#limits = limits;
    this.send = owned === null ? null : (key): void => owned.send(key);
  }

  isAlive(): boolean {
    if (this.#owned !== null) return this.#owned.isAlive;
    return this.#identity !== null && isAlive(this.#identity);
  }

  async terminate(): Promise<void> {
    const found = await this.#processes();
    if (found.length === 0) return;
    const isUnderWay = this.#termination?.isUnderWay(found) === true;
    const due = isUnderWay && this.#termination !== null ? this.#termination.late(found) : found;
    if (!isUnderWay) this.#termination = new Termination(this.#identity?.pid ?? null, found);
    for (const pid of due) {
      signal(pid, "SIGTERM");
      // A stopped process acts on the signal only when it goes on.
      signal(pid, "SIGCONT");
    }
  }

  async hasProcesses(): Promise<boolean> {
    return (await this.#processes()).length > 0;
  }

  async kill(): Promise<void> {
    await killAll(() => this.#processes());
  }

  async ranOutOfMemory(): Promise<boolean> {
    const count = this.#limits?.outOfMemoryCount() ?? 0;
    const hasGrown = count > this.#outOfMemoryCount;
    this.#outOfMemoryCount = count;
    return await Promise.resolve(hasGrown);
  }

  async destroy(): Promise<void> {
    const identity = this.#identity;
    if (identity === null) {
      // We died before it was written down. The mark is on bubblewrap and on what it started.
      const mark = { session: null, executionId: this.#executionId, except: null };
      return await killAll(() => findProcesses(mark));
    }
    // With the first process of its namespace the kernel ends all others, and only then that one itself.
    if (isAlive(identity)) signal(identity.pid, "SIGKILL");
    await this.#owned?.ended();
    while (isAlive(identity)) await setTimeout(1);
  }

  /** All but the supervisor. */
  async #processes(): Promise<number[]> {
    const identity = this.#identity;
    return identity === null || !isAlive(identity) ? [] : await descendantsOf(identity.pid);
  }
}
