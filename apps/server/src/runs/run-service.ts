import type { Alongside } from "@waybill/core";
import type { RunRecord } from "@waybill/engine";
import {
  RunIntake,
  type RepeatedRun,
  type RunIntakeOptions,
  type TriggerOutcome,
  type TriggerRequest,
} from "./run-intake.ts";
import { RunQueue, type RunQueueOptions } from "./run-queue.ts";

export interface RunServiceOptions extends RunIntakeOptions, RunQueueOptions {}

/** Runs, for those who ask for them: an intake that stores them, and a queue that begins what is stored. */
export class RunService {
  readonly #intake: RunIntake;
  readonly #queue: RunQueue;

  constructor(options: RunServiceOptions) {
    this.#queue = new RunQueue(options);
    this.#intake = new RunIntake(options, () => this.#queue.changed());
  }

  /** Number of runs that this server drives. */
  get driven(): number {
    return this.#queue.driven;
  }

  isDriving(runId: string): boolean {
    return this.#queue.isDriving(runId);
  }

  /** See `RunIntake.trigger`. */
  async trigger(request: Omit<TriggerRequest, "decide">): Promise<RunRecord> {
    return await this.#intake.trigger(request);
  }

  /** See `RunIntake.triggerIf`. */
  async triggerIf(request: TriggerRequest): Promise<TriggerOutcome> {
    return await this.#intake.triggerIf(request);
  }

  /** See `RunIntake.repeat`. */
  async repeat(run: RepeatedRun): Promise<RunRecord> {
    return await this.#intake.repeat(run);
  }

  /** See `RunQueue.cancel`. */
  async cancel(run: RunRecord, alongside?: Alongside): Promise<void> {
    await this.#queue.cancel(run, alongside);
  }

  /** See `RunQueue.decided`. */
  decided(runId: string): void {
    this.#queue.decided(runId);
  }

  /** See `RunQueue.recover`. */
  async recover(): Promise<void> {
    await this.#queue.recover();
  }

  /** Takes nothing more, and leaves what runs to go on. */
  async stop(): Promise<void> {
    this.#intake.stop();
    await this.#queue.stop();
  }
}
