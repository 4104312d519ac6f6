import { systemRandom, WaybillError, type Clock, type Timer } from "@waybill/core";
import {
  isSettled,
  type Engine,
  type EnqueueRequest,
  type RunHandle,
  type RunInput,
  type RunRecord,
  type RunStore,
} from "@waybill/engine";
import type { OpenExecutors } from "@waybill/executors";
import type { Mirrors } from "@waybill/git";
import { systemVariables, type PipelineDefinition } from "@waybill/pipeline";
import type { Pipeline, ProjectRecords } from "@waybill/projects";
import type { ServerLog } from "../server-log.ts";
import { readDefinition } from "./read-definition.ts";
import { onlyKnown, parametersOf } from "./parameters.ts";
import type { RunChanges } from "./run-changes.ts";
import type { RunSecrets } from "./run-secrets.ts";

export interface RunServiceOptions {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly store: RunStore;
  readonly records: ProjectRecords;
  readonly mirrors: Mirrors;
  readonly executors: OpenExecutors;
  readonly changes: RunChanges;
  readonly secrets: RunSecrets;
  readonly log: ServerLog;
  /** Runs that this server drives at once. */
  readonly maxRuns: number;
  /** Jobs of one run at once. */
  readonly maxJobs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface TriggerRequest {
  readonly pipeline: Pipeline;
  /** A branch, a tag, or a full ref. */
  readonly ref: string;
  /** Null: what the ref is at now. */
  readonly sha: string | null;
  /**
   * The repository itself says that this ref was at this commit: it may have moved on since. Otherwise the commit must be
   * part of what the ref is at now.
   */
  readonly isAnnounced?: boolean;
  /** `manual`, `push`, … */
  readonly trigger: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, RunInput>>;
  readonly rerunOf?: string | null;
}

export interface RepeatedRun extends Pick<EnqueueRequest, "trigger" | "jobs" | "origin"> {
  readonly pipeline: Pipeline;
  /** Null: read from the commit. */
  readonly definition: PipelineDefinition | null;
  readonly reused: NonNullable<EnqueueRequest["reused"]>;
}

/** How often the queue is looked at for runs of other servers, or that others have left. */
const LOOK_MS = 1_000;
/** Runs beyond those driven here that one look considers. */
const CANDIDATES = 100;
/** Before a run that could not be begun, or that another server drives, is tried again. */
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** A run that cannot be begun so many times is ended. */
const ATTEMPTS = 5;
/** At shutdown, for runs to be let go of. */
const LET_GO_MS = 10_000;

interface PutOff {
  readonly until: number;
  readonly failures: number;
}

/**
 * The queue of runs. A run is stored at once, and driven by whichever server claims it first; one that a server left,
 * or that died with it, is taken up by another look at the same queue.
 */
export class RunService {
  readonly #options: RunServiceOptions;
  readonly #driving = new Map<string, RunHandle>();
  readonly #putOff = new Map<string, PutOff>();
  #timer: Timer | null = null;
  #look: Promise<void> = Promise.resolve();
  #lookIsDue = false;
  #isStopped = false;

  constructor(options: RunServiceOptions) {
    this.#options = options;
  }

  /** Number of runs that this server drives. */
  get driven(): number {
    return this.#driving.size;
  }

  isDriving(runId: string): boolean {
    return this.#driving.has(runId);
  }

  /**
   * Stores a run of a pipeline at a commit.
   * @throws WaybillError `GIT_*`, `PIPELINE_FILE_*`, `EXECUTOR_NOT_AVAILABLE`, `RUN_*`, or what the store says
   */
  async trigger(request: TriggerRequest): Promise<RunRecord> {
    if (this.#isStopped) throw new WaybillError("API_SHUTTING_DOWN", {});
    const { pipeline, trigger, event, inputs, rerunOf = null } = request;
    const { gitRef, gitSha } = await this.#resolve(request);
    const origin = { pipelineId: pipeline.id, gitRef, gitSha, triggerEvent: event, inputs, concurrencyGroup: null };
    return await this.#enqueue({
      pipeline,
      origin: { ...origin, rerunOf },
      trigger,
      definition: null,
      jobs: null,
      reused: new Map(),
    });
  }

  /**
   * Stores a run of a commit that a run was of before.
   * @throws WaybillError as `trigger`
   */
  async repeat(run: RepeatedRun): Promise<RunRecord> {
    if (this.#isStopped) throw new WaybillError("API_SHUTTING_DOWN", {});
    return await this.#enqueue(run);
  }

  async #enqueue({ pipeline, origin, trigger, definition: known, jobs, reused }: RepeatedRun): Promise<RunRecord> {
    const { engine, executors, environment } = this.#options;
    const parameters = parametersOf(origin);
    const definition = known ?? (await readDefinition(this.#options, pipeline, origin.gitSha, parameters));
    // A run whose jobs have nowhere to run is refused here, where somebody hears of it.
    await this.#prepare(definition.jobs.values());
    for (const job of definition.jobs.values()) executors.choose(job);
    const secrets = await this.#options.secrets.namesFor(pipeline, origin);
    const run = await engine.enqueue({
      definition,
      file: pipeline.configPath,
      trigger,
      jobs,
      parameters,
      system: systemVariables(environment),
      // Names alone: the values are asked for when the run is driven.
      secrets: Object.fromEntries(secrets.map((name) => [name, ""])),
      origin,
      reused,
    });
    this.wake();
    return run;
  }

  async #resolve({
    pipeline,
    ref,
    sha,
    isAnnounced = false,
  }: TriggerRequest): Promise<{ readonly gitRef: string; readonly gitSha: string }> {
    const { records, mirrors } = this.#options;
    const repository = await records.repositories.find(pipeline.repositoryId);
    if (repository === null) throw new WaybillError("API_NOT_FOUND", { kind: "repository", id: pipeline.repositoryId });
    const mirror = mirrors.of(repository.url);
    const refs = ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
    const isKnown = async (): Promise<boolean> => sha !== null && (await mirror.resolve(sha)) !== null;
    const announced = isAnnounced && sha !== null ? { gitRef: refs[0] ?? ref, gitSha: sha } : null;
    if (announced !== null && (await isKnown())) return announced;
    await mirror.update();
    if (announced !== null && (await isKnown())) return announced;
    for (const gitRef of refs) {
      const head = await mirror.resolve(gitRef);
      if (head === null) continue;
      if (sha === null) return { gitRef, gitSha: head };
      // What is let through for a branch must not be had for the commits of others, those of forks among them.
      if (await mirror.isInHistory(sha, head)) return { gitRef, gitSha: sha };
    }
    throw new WaybillError("GIT_NO_COMMIT", { ref: sha ?? ref, url: repository.url });
  }

  /** @throws WaybillError `RUN_OVER`, or what the store says */
  async cancel(run: RunRecord): Promise<void> {
    if (isSettled(run.status)) throw new WaybillError("RUN_OVER", { run: run.number, status: run.status });
    const handle = this.#driving.get(run.id);
    if (handle !== undefined) handle.cancel("user");
    else await this.#options.engine.cancel(run);
    this.#options.changes.changed(run.id);
  }

  /** Takes up every run that has begun and that nobody drives; to be called before anybody is served. */
  async recover(): Promise<void> {
    const { engine, log } = this.#options;
    for (const warning of await engine.sweep()) log.warn("sweep", { detail: warning });
    await this.#lookAtQueue(true);
    this.#schedule();
  }

  /** Looks at the queue soon. */
  wake(): void {
    if (this.#lookIsDue || this.#isStopped) return;
    this.#lookIsDue = true;
    setImmediate(() => {
      this.#lookIsDue = false;
      this.#look = this.#look.then(() => this.#lookAtQueue(false)).catch((error: unknown) => this.#failed(error));
    });
  }

  /** Takes nothing more, and leaves what runs to go on: the next server finds it where it is. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#look;
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

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.setTimer(LOOK_MS, () => {
      this.wake();
      this.#schedule();
    });
  }

  /** @param onlyBegun of every age, however many */
  async #lookAtQueue(onlyBegun: boolean): Promise<void> {
    const { store, maxRuns, clock } = this.#options;
    if (this.#isStopped || (!onlyBegun && this.#driving.size >= maxRuns)) return;
    const limit = onlyBegun ? 10_000 : this.#driving.size + CANDIDATES;
    const runs = await store.unfinished(limit);
    for (const run of runs) {
      if (this.#isStopped || (!onlyBegun && this.#driving.size >= maxRuns)) return;
      if (this.#driving.has(run.id) || (onlyBegun && run.status === "pending")) continue;
      if ((this.#putOff.get(run.id)?.until ?? 0) > clock.monotonic()) continue;
      await this.#take(run);
    }
    const unfinished = new Set(runs.map(({ id }) => id));
    for (const id of this.#putOff.keys()) if (!unfinished.has(id)) this.#putOff.delete(id);
  }

  async #take(run: RunRecord): Promise<void> {
    try {
      await this.#drive(run);
      this.#putOff.delete(run.id);
    } catch (error) {
      const code = error instanceof WaybillError ? error.code : "INTERNAL";
      if (code === "RUN_OVER") return;
      // Another server drives it: it is looked at again, should that one die.
      if (code === "RUN_IN_PROGRESS") return this.#delay(run, 1);
      const failures = (this.#putOff.get(run.id)?.failures ?? 0) + 1;
      this.#options.log.error("a run could not be begun", { run: run.id, attempt: failures }, error);
      if (failures < ATTEMPTS) return this.#delay(run, failures);
      await this.#options.engine.cancel(run).catch((inner: unknown) => this.#failed(inner));
    }
  }

  #delay(run: RunRecord, failures: number): void {
    const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS) * (0.5 + systemRandom.next());
    this.#putOff.set(run.id, { until: this.#options.clock.monotonic() + delay, failures });
  }

  async #drive(run: RunRecord): Promise<void> {
    const { store, engine, records, changes, secrets, maxJobs, environment } = this.#options;
    const origin = await store.origin(run.id);
    const definition = await store.definition(run.id);
    if (origin === null || definition === null) return;
    const pipeline = await records.pipelines.find(origin.pipelineId);
    if (pipeline === null) throw new WaybillError("API_NOT_FOUND", { kind: "pipeline", id: origin.pipelineId });
    await this.#prepare(definition.jobs.values());
    const handle = await engine.resume({
      run,
      concurrency: maxJobs,
      parameters: onlyKnown(parametersOf(origin), await store.parameterNames(run.id)),
      system: systemVariables(environment),
      secrets: await secrets.valuesFor(pipeline, origin, run.id),
    });
    this.#driving.set(run.id, handle);
    handle.subscribe(() => changes.changed(run.id));
    void this.#settle(run, handle);
  }

  async #settle(run: RunRecord, handle: RunHandle): Promise<void> {
    const { log, changes } = this.#options;
    try {
      const { warnings } = await handle.finished;
      for (const warning of warnings) log.warn("a run left something", { run: run.id, warning });
    } catch (error) {
      const isLetGo = error instanceof WaybillError && error.code === "RUN_LET_GO";
      if (!isLetGo) log.error("a run could not be carried on", { run: run.id }, error);
    } finally {
      this.#driving.delete(run.id);
      changes.changed(run.id);
      this.wake();
    }
  }

  async #prepare(jobs: Parameters<OpenExecutors["prepare"]>[0]): Promise<void> {
    for (const warning of await this.#options.executors.prepare(jobs)) this.#options.log.warn("executors", { warning });
  }

  #failed(error: unknown): void {
    this.#options.log.error("the queue could not be looked at", {}, error);
  }
}
