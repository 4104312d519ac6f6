import { WaybillError, type Alongside, type Clock } from "@waybill/core";
import {
  isSettled,
  type Engine,
  type EnqueueRequest,
  type RunInput,
  type RunOrigin,
  type RunRecord,
  type RunStore,
} from "@waybill/engine";
import type { OpenExecutors } from "@waybill/executors";
import { INPUT_PREFIX, inputValues, systemVariables, type PipelineDefinition } from "@waybill/pipeline";
import { concurrencyOf, type Decision, type Pipeline, type ProjectRecords, type TriggerEvent } from "@waybill/projects";
import type { ServerLog } from "../server-log.ts";
import { correlationFields, currentCorrelation } from "../telemetry/correlation.ts";
import type { ProjectMirrors } from "../triggers/project-mirrors.ts";
import type { StatusReports } from "../triggers/status-reports.ts";
import { manualEvent } from "./manual-event.ts";
import { parametersOf } from "./parameters.ts";
import { prepareExecutors } from "./prepare-executors.ts";
import { readDefinition } from "./read-definition.ts";
import { resolveCommit, type CommitRequest } from "./resolve-commit.ts";
import { causeToJson, inputsOf, needsApprovalOf } from "./run-cause.ts";
import type { RunGate } from "./run-gate.ts";
import type { RunSecrets } from "./run-secrets.ts";

export interface RunIntakeOptions {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly store: RunStore;
  readonly records: ProjectRecords;
  readonly mirrors: ProjectMirrors;
  readonly executors: OpenExecutors;
  readonly gate: RunGate;
  /** Told of runs whose status has changed. */
  readonly statuses: Pick<StatusReports, "changed">;
  readonly secrets: RunSecrets;
  readonly log: ServerLog;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface TriggerRequest extends CommitRequest {
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
  /** What is stored together with the run. */
  readonly alongside?: ((runId: string, origin: RunOrigin) => Alongside) | undefined;
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
  /** What is stored together with the run. */
  readonly alongside?:
    ((runId: string, of: { readonly pipeline: Pipeline; readonly origin: RunOrigin }) => Alongside) | undefined;
}

interface RunToStore extends Pick<EnqueueRequest, "definition" | "trigger" | "jobs" | "origin" | "alongside"> {
  readonly pipeline: Pipeline;
  /** Of the run, where the same request may be made again; undefined: a new one. */
  readonly id: string | undefined;
  readonly reused: NonNullable<EnqueueRequest["reused"]>;
}

/** What makes a run: a pipeline at a commit, asked for by somebody, and stored. What begins it is the queue. */
export class RunIntake {
  readonly #options: RunIntakeOptions;
  readonly #stored: () => void;
  #isStopped = false;

  /** @param stored called after each run that has been stored */
  constructor(options: RunIntakeOptions, stored: () => void) {
    this.#options = options;
    this.#stored = stored;
  }

  /** From now on nothing is stored. */
  stop(): void {
    this.#isStopped = true;
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
    const { gitRef, gitSha, url } = await resolveCommit(this.#options, request);
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
    const { id, alongside: told } = request;
    const alongside = told === undefined ? told : (runId: string) => told(runId, origin);
    const whole = { jobs: null, reused: new Map<string, never>(), alongside };
    return { run: await this.#store({ pipeline, definition, origin, trigger, id, ...whole }), reason };
  }

  /**
   * Stores a run of a commit that a run was of before, for the same reason.
   * @throws WaybillError as `trigger`
   */
  async repeat({ definition: known, origin: earlier, alongside: told, ...run }: RepeatedRun): Promise<RunRecord> {
    if (this.#isStopped) throw new WaybillError("API_SHUTTING_DOWN", {});
    const triggerEvent = { ...earlier.triggerEvent, ...correlationFields(currentCorrelation()) };
    const origin = { ...earlier, triggerEvent };
    const definition =
      known ?? (await readDefinition(this.#options, run.pipeline, origin.gitSha, parametersOf(origin)));
    const about = { pipeline: run.pipeline, origin };
    const alongside = told === undefined ? told : (runId: string) => told(runId, about);
    return await this.#store({ ...run, definition, origin, alongside, id: undefined });
  }

  async #store(wanted: RunToStore): Promise<RunRecord> {
    const { pipeline, definition, origin, trigger, id, jobs, reused, alongside } = wanted;
    const { executors, environment, gate, store, statuses } = this.#options;
    // A run whose jobs have nowhere to run is refused here, where somebody hears of it.
    await prepareExecutors(this.#options, definition.jobs.values());
    for (const job of definition.jobs.values()) executors.choose(job);
    const known = id === undefined ? null : await store.find(id);
    // One that waits for approval begins with it, or never.
    const secrets = await this.#options.secrets.namesFor(pipeline, origin, needsApprovalOf(origin));
    const secretsOfJobs = await this.#options.secrets.namesForJobs(
      pipeline,
      origin,
      definition,
      needsApprovalOf(origin),
    );
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
      secretsOfJobs,
      origin,
      reused,
      alongside,
    };
    const run = known ?? (await this.#enqueue(id, queued));
    if (!isSettled(run.status)) await gate.stored(run, origin, definition);
    statuses.changed(run.id);
    this.#stored();
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
}
