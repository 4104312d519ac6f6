import { WaybillError, type Clock, type Timer } from "@waybill/core";
import type { Engine, RunHandle, RunOrigin, RunRecord, RunStore } from "@waybill/engine";
import type { OpenExecutors } from "@waybill/executors";
import { systemVariables, type PipelineDefinition } from "@waybill/pipeline";
import type { Pipeline, ProjectRecords } from "@waybill/projects";
import type { ServerLog } from "../server-log.ts";
import { correlated, storedCorrelation, type Correlation } from "../telemetry/correlation.ts";
import type { RunObserver } from "../telemetry/run-observer.ts";
import type { StatusReports } from "../triggers/status-reports.ts";
import { onlyKnown, parametersOf } from "./parameters.ts";
import { prepareExecutors } from "./prepare-executors.ts";
import type { RunChanges } from "./run-changes.ts";
import type { RunGate } from "./run-gate.ts";
import type { RunSecrets } from "./run-secrets.ts";

export interface RunDriverOptions {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly store: RunStore;
  readonly records: ProjectRecords;
  readonly executors: OpenExecutors;
  readonly changes: RunChanges;
  readonly gate: RunGate;
  /** Told of runs whose status has changed. */
  readonly statuses: Pick<StatusReports, "changed">;
  readonly secrets: RunSecrets;
  readonly log: ServerLog;
  readonly observer: RunObserver;
  /** Jobs of one run at once. */
  readonly maxJobs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** At shutdown, for runs to be let go of. */
const LET_GO_MS = 10_000;

interface StoredRun {
  readonly run: RunRecord;
  readonly pipeline: Pipeline;
  readonly origin: RunOrigin;
  readonly definition: PipelineDefinition;
}

/** The runs that this server drives: what each needs from elsewhere, who is told of it, and what follows its end. */
export class RunDriver {
  readonly #options: RunDriverOptions;
  readonly #isFree: (mayAdmit: boolean) => void;
  readonly #driving = new Map<string, RunHandle>();

  /** @param isFree called after each run that is not driven any more; `mayAdmit`: another one may begin because of it */
  constructor(options: RunDriverOptions, isFree: (mayAdmit: boolean) => void) {
    this.#options = options;
    this.#isFree = isFree;
  }

  /** Number of runs that this server drives. */
  get size(): number {
    return this.#driving.size;
  }

  /** Of them, those of which something goes on, or may at once: others wait for people, for days maybe. */
  get busy(): number {
    let busy = 0;
    for (const handle of this.#driving.values()) if (!handle.isHeld()) busy += 1;
    return busy;
  }

  /** Undefined: this server does not drive it. */
  handle(runId: string): RunHandle | undefined {
    return this.#driving.get(runId);
  }

  /**
   * Takes up a run, from its beginning or from where it was left.
   * @throws WaybillError `RUN_OVER`, `RUN_IN_PROGRESS` where another server drives it, or why it cannot be begun
   */
  async drive(run: RunRecord): Promise<void> {
    const { store, records } = this.#options;
    const origin = await store.origin(run.id);
    const definition = await store.definition(run.id);
    if (origin === null || definition === null) return;
    const pipeline = await records.pipelines.find(origin.pipelineId);
    if (pipeline === null) throw new WaybillError("API_NOT_FOUND", { kind: "pipeline", id: origin.pipelineId });
    const correlation = storedCorrelation(origin.triggerEvent, run.id);
    await correlated(correlation, () => this.#begin({ run, pipeline, origin, definition }, correlation));
  }

  async #begin({ run, pipeline, origin, definition }: StoredRun, correlation: Correlation): Promise<void> {
    const { store, engine, changes, statuses, secrets, maxJobs, environment, observer } = this.#options;
    await prepareExecutors(this.#options, definition.jobs.values());
    const jobs = await store.jobs(run.id);
    const handle = await engine.resume({
      run,
      concurrency: maxJobs,
      parameters: onlyKnown(parametersOf(origin), await store.parameterNames(run.id)),
      system: systemVariables(environment),
      secrets: await secrets.valuesFor(pipeline, origin, run.id),
    });
    this.#driving.set(run.id, handle);
    observer.observe({ run, correlation, jobs, handle });
    handle.subscribe((notice) => {
      changes.changed(run.id);
      if ("event" in notice && notice.event.type === "run.started") statuses.changed(run.id);
    });
    void this.#settle(run, handle);
  }

  async #settle(run: RunRecord, handle: RunHandle): Promise<void> {
    const { log, changes, statuses } = this.#options;
    let isOver = false;
    try {
      const { warnings } = await handle.finished;
      isOver = true;
      for (const warning of warnings) log.warn("a run left something", { run: run.id, warning });
    } catch (error) {
      const isLetGo = error instanceof WaybillError && error.code === "RUN_LET_GO";
      if (!isLetGo) log.error("a run could not be carried on", { run: run.id }, error);
    } finally {
      this.#driving.delete(run.id);
      changes.changed(run.id);
      if (isOver) statuses.changed(run.id);
      this.#isFree(isOver && (await this.#leave(run)));
    }
  }

  async #leave(run: RunRecord): Promise<boolean> {
    try {
      return await this.#options.gate.left(run);
    } catch (error) {
      this.#options.log.error("a run could not leave its concurrency group or approvals", { run: run.id }, error);
      return false;
    }
  }

  /** Leaves what runs to go on: the next server finds it where it is. */
  async letGo(): Promise<void> {
    const ended = [...this.#driving.values()].map((handle) => {
      handle.letGo();
      return handle.finished.catch(() => undefined);
    });
    let timer: Timer | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = this.#options.clock.setTimer(LET_GO_MS, resolve);
    });
    await Promise.race([Promise.all(ended), patience]);
    timer?.cancel();
  }
}
