import { systemRandom, WaybillError, type Clock, type Timer } from "@waybill/core";
import {
  isSettled,
  type Engine,
  type EnqueueRequest,
  type RunHandle,
  type RunInput,
  type RunOrigin,
  type RunRecord,
  type RunStore,
} from "@waybill/engine";
import type { OpenExecutors } from "@waybill/executors";
import type { Mirrors } from "@waybill/git";
import { INPUT_PREFIX, inputValues, systemVariables, type PipelineDefinition } from "@waybill/pipeline";
import { concurrencyOf, type Decision, type Pipeline, type ProjectRecords, type TriggerEvent } from "@waybill/projects";
import type { ServerLog } from "../server-log.ts";
import {
  correlated,
  correlationFields,
  currentCorrelation,
  storedCorrelation,
  uncorrelated,
  type Correlation,
} from "../telemetry/correlation.ts";
import type { RunObserver } from "../telemetry/run-observer.ts";
import type { StatusReports } from "../triggers/status-reports.ts";
import { readDefinition } from "./read-definition.ts";
import { manualEvent } from "./manual-event.ts";
import { onlyKnown, parametersOf } from "./parameters.ts";
import { causeToJson, inputsOf, needsApprovalOf } from "./run-cause.ts";
import type { RunGate } from "./run-gate.ts";
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
  readonly gate: RunGate;
  /** Told of runs whose status has changed. */
  readonly statuses: Pick<StatusReports, "changed">;
  readonly secrets: RunSecrets;
  readonly log: ServerLog;
  readonly observer: RunObserver;
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
  /** What happened, where it was no request for a run. */
  readonly cause?: TriggerEvent;
  /** Values of variables, and of the pipeline's inputs as `inputs.NAME`. */
  readonly inputs: Readonly<Record<string, RunInput>>;
  readonly rerunOf?: string | null;
  /** Of the run, where the same request may be made again. Default: a new one. */
  readonly id?: string;
  /** Whether it begins only once somebody has looked at its commit. Default: no. */
  readonly needsApproval?: boolean;
  /** Asked whether there is to be a run at all, of what the pipeline file says at the commit. Default: there is. */
  readonly decide?: (definition: PipelineDefinition, sha: string) => Promise<Decision>;
}

export interface TriggerOutcome {
  /** Null: there is no run. */
  readonly run: RunRecord | null;
  /** Why, in words. */
  readonly reason: string;
}

export interface RepeatedRun extends Pick<EnqueueRequest, "trigger" | "jobs" | "origin"> {
  readonly pipeline: Pipeline;
  /** Null: read from the commit. */
  readonly definition: PipelineDefinition | null;
  readonly reused: NonNullable<EnqueueRequest["reused"]>;
}

interface RunToStore extends Pick<EnqueueRequest, "definition" | "trigger" | "jobs" | "origin"> {
  readonly pipeline: Pipeline;
  /** Of the run, where the same request may be made again; undefined: a new one. */
  readonly id: string | undefined;
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
/** How often groups are rid of runs whose end their server did not live to tell. */
const SWEEP_MS = 30_000;
/** At shutdown, for runs to be let go of. */
const LET_GO_MS = 10_000;

interface PutOff {
  readonly until: number;
  readonly failures: number;
}

interface StoredRun {
  readonly run: RunRecord;
  readonly pipeline: Pipeline;
  readonly origin: RunOrigin;
  readonly definition: PipelineDefinition;
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
  /** Runs that may not begin yet; looks go past them. */
  #waiting = new Set<string>();
  #sweptAt = -Infinity;

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
  async trigger(request: Omit<TriggerRequest, "decide">): Promise<RunRecord> {
    const { run, reason } = await this.triggerIf(request);
    if (run === null) throw new Error(`without a condition there is a run: ${reason}`);
    return run;
  }

  /**
   * Stores a run of a pipeline at a commit where `decide` says so.
   * @throws WaybillError as `trigger`
   */
  async triggerIf(request: TriggerRequest): Promise<TriggerOutcome> {
    if (this.#isStopped) throw new WaybillError("API_SHUTTING_DOWN", {});
    const { pipeline, trigger, inputs, rerunOf = null } = request;
    const { gitRef, gitSha, url } = await this.#resolve(request);
    // Forges keep the commits of forks there: asking for a run of one by hand is no way past the approval.
    const isForeign = request.cause === undefined && !/^refs\/(?:heads|tags)\//.test(gitRef);
    const needsApproval = request.needsApproval ?? isForeign;
    const parameters = parametersOf({ gitRef, gitSha, inputs });
    const definition = await readDefinition(this.#options, pipeline, gitSha, parameters);
    const decision = await request.decide?.(definition, gitSha);
    if (decision?.isStarted === false) return { run: null, reason: decision.reason };
    const event = request.cause ?? manualEvent({ url, gitRef, gitSha, inputs, actor: request.event["actor"] });
    const values = inputValues(definition.inputs, inputsOf(inputs));
    const group = concurrencyOf(definition, event, values);
    const reason = decision?.reason ?? `${event.actor === "" ? "somebody" : event.actor} asked for it`;
    const origin = {
      pipelineId: pipeline.id,
      gitRef,
      gitSha,
      triggerEvent: {
        ...request.event,
        ...correlationFields(currentCorrelation()),
        ...causeToJson({ event, reason, needsApproval }),
        ...(isForeign ? { is_fork: true } : {}),
      },
      inputs,
      concurrencyGroup: group?.group ?? null,
      rerunOf,
    };
    const { id } = request;
    const whole = { jobs: null, reused: new Map<string, never>() };
    return { run: await this.#store({ pipeline, definition, origin, trigger, id, ...whole }), reason };
  }

  /**
   * Stores a run of a commit that a run was of before, for the same reason.
   * @throws WaybillError as `trigger`
   */
  async repeat({ definition: known, origin: earlier, ...run }: RepeatedRun): Promise<RunRecord> {
    if (this.#isStopped) throw new WaybillError("API_SHUTTING_DOWN", {});
    const triggerEvent = { ...earlier.triggerEvent, ...correlationFields(currentCorrelation()) };
    const origin = { ...earlier, triggerEvent };
    const definition =
      known ?? (await readDefinition(this.#options, run.pipeline, origin.gitSha, parametersOf(origin)));
    return await this.#store({ ...run, definition, origin, id: undefined });
  }

  async #store({ pipeline, definition, origin, trigger, id, jobs, reused }: RunToStore): Promise<RunRecord> {
    const { executors, environment, gate, store, statuses } = this.#options;
    // A run whose jobs have nowhere to run is refused here, where somebody hears of it.
    await this.#prepare(definition.jobs.values());
    for (const job of definition.jobs.values()) executors.choose(job);
    const known = id === undefined ? null : await store.find(id);
    // One that waits for approval begins with it, or never.
    const secrets = await this.#options.secrets.namesFor(pipeline, origin, needsApprovalOf(origin));
    const parameters = Object.entries(parametersOf(origin));
    const queued = {
      definition,
      file: pipeline.configPath,
      trigger,
      jobs,
      // Inputs have become variables of the definition.
      parameters: Object.fromEntries(parameters.filter(([name]) => !name.startsWith(INPUT_PREFIX))),
      system: systemVariables(environment),
      // Names alone: the values are asked for when the run is driven.
      secrets: Object.fromEntries(secrets.map((name) => [name, ""])),
      origin,
      reused,
    };
    const run = known ?? (await this.#enqueue(id, queued));
    if (!isSettled(run.status)) await gate.stored(run, origin, definition);
    statuses.changed(run.id);
    this.wake();
    return run;
  }

  /** Of servers that store the run of one id, one does, and the others find it. */
  async #enqueue(id: string | undefined, request: EnqueueRequest): Promise<RunRecord> {
    const { engine, store } = this.#options;
    if (id === undefined) return await engine.enqueue(request);
    try {
      return await engine.enqueue({ ...request, id });
    } catch (error) {
      const stored = await store.find(id);
      if (stored === null) throw error;
      return stored;
    }
  }

  async #resolve({
    pipeline,
    ref,
    sha,
    isAnnounced = false,
  }: TriggerRequest): Promise<{ readonly gitRef: string; readonly gitSha: string; readonly url: string }> {
    const { records, mirrors } = this.#options;
    const repository = await records.repositories.find(pipeline.repositoryId);
    if (repository === null) throw new WaybillError("API_NOT_FOUND", { kind: "repository", id: pipeline.repositoryId });
    const { url } = repository;
    const mirror = mirrors.of(url);
    const refs = ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
    // Of a tag with a message, the commit it stands for.
    const announced = async (): Promise<{ readonly gitRef: string; readonly gitSha: string } | null> => {
      const gitSha = isAnnounced && sha !== null ? await mirror.resolve(sha) : null;
      return gitSha === null ? null : { gitRef: refs[0] ?? ref, gitSha };
    };
    const known = await announced();
    if (known !== null) return { ...known, url };
    await mirror.update();
    const fetched = await announced();
    if (fetched !== null) return { ...fetched, url };
    for (const gitRef of refs) {
      const head = await mirror.resolve(gitRef);
      if (head === null) continue;
      if (sha === null) return { gitRef, gitSha: head, url };
      // What is let through for a branch must not be had for the commits of others, those of forks among them.
      if (await mirror.isInHistory(sha, head)) return { gitRef, gitSha: sha, url };
    }
    throw new WaybillError("GIT_NO_COMMIT", { ref: sha ?? ref, url });
  }

  /** @throws WaybillError `RUN_OVER`, or what the store says */
  async cancel(run: RunRecord): Promise<void> {
    if (isSettled(run.status)) throw new WaybillError("RUN_OVER", { run: run.number, status: run.status });
    const handle = this.#driving.get(run.id);
    if (handle !== undefined) handle.cancel("user");
    else await this.#end(run, "user");
    this.#options.changes.changed(run.id);
  }

  /** Ends a run that this server does not drive. */
  async #end(run: RunRecord, reason: "user" | "superseded"): Promise<void> {
    const { engine, gate, changes, statuses } = this.#options;
    if ((await engine.cancel(run, reason)) === "requested") return;
    changes.changed(run.id);
    statuses.changed(run.id);
    if (await gate.left(run)) this.wake();
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
      this.#look = uncorrelated(() => this.#look.then(() => this.#lookAtQueue(false))).catch((error: unknown) =>
        this.#failed(error),
      );
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
    if (this.#isStopped) return;
    if (!onlyBegun) await this.#endSuperseded();
    if (!onlyBegun && this.#driving.size >= maxRuns) return;
    const limit = onlyBegun ? 10_000 : this.#driving.size + this.#waiting.size + CANDIDATES;
    const runs = await store.unfinished(limit);
    const waiting = new Set<string>();
    for (const run of runs) {
      if (this.#isStopped || (!onlyBegun && this.#driving.size >= maxRuns)) return;
      if (this.#driving.has(run.id) || (onlyBegun && run.status === "pending")) continue;
      if ((this.#putOff.get(run.id)?.until ?? 0) > clock.monotonic()) continue;
      if ((await this.#take(run)) === "wait") waiting.add(run.id);
    }
    if (!onlyBegun) this.#waiting = waiting;
    const unfinished = new Set(runs.map(({ id }) => id));
    for (const id of this.#putOff.keys()) if (!unfinished.has(id)) this.#putOff.delete(id);
  }

  /** Runs that a later one of their group takes the place of, and the traces of those whose server has died. */
  async #endSuperseded(): Promise<void> {
    const { gate, store, clock } = this.#options;
    if (clock.monotonic() - this.#sweptAt >= SWEEP_MS) {
      this.#sweptAt = clock.monotonic();
      await gate.sweep();
    }
    for (const id of await gate.superseded()) {
      const handle = this.#driving.get(id);
      const run = handle === undefined ? await store.find(id) : null;
      if (handle !== undefined) handle.cancel("superseded");
      else if (run !== null && !isSettled(run.status)) await this.#end(run, "superseded").catch(ignoreOver);
    }
  }

  /** @returns `wait`: it may not begin yet */
  async #take(run: RunRecord): Promise<"taken" | "wait"> {
    try {
      const verdict = run.status === "pending" ? await this.#options.gate.ask(run) : "go";
      if (verdict === "wait") return "wait";
      if (verdict === "end") await this.#end(run, "user");
      else await this.#drive(run);
      this.#putOff.delete(run.id);
    } catch (error) {
      await this.#notTaken(run, error);
    }
    return "taken";
  }

  async #notTaken(run: RunRecord, error: unknown): Promise<void> {
    const code = error instanceof WaybillError ? error.code : "INTERNAL";
    if (code === "RUN_OVER") return;
    // Another server drives it: it is looked at again, should that one die.
    if (code === "RUN_IN_PROGRESS") return this.#delay(run, 1);
    const failures = (this.#putOff.get(run.id)?.failures ?? 0) + 1;
    this.#options.log.error("a run could not be begun", { run: run.id, attempt: failures }, error);
    if (failures < ATTEMPTS) return this.#delay(run, failures);
    await this.#end(run, "user").catch((inner: unknown) => this.#failed(inner));
  }

  #delay(run: RunRecord, failures: number): void {
    const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS) * (0.5 + systemRandom.next());
    this.#putOff.set(run.id, { until: this.#options.clock.monotonic() + delay, failures });
  }

  async #drive(run: RunRecord): Promise<void> {
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
    await this.#prepare(definition.jobs.values());
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
    const { log, changes, gate, statuses } = this.#options;
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
      if (isOver) await gate.left(run).catch((error: unknown) => this.#failed(error));
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

/** A run that was to be ended has ended by itself. */
function ignoreOver(error: unknown): void {
  if (!(error instanceof WaybillError) || error.code !== "RUN_OVER") throw error;
}
