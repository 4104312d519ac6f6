import type { PipelineDefinition, PipelineJob } from "@waybill/pipeline";
import type { SavedArtifact } from "../ports/files.ts";
import type { NewRun } from "../ports/run-store.ts";
import type { JobStatus, Reason, RunStatus } from "../statuses.ts";

/** All that decides how a run goes on. Changed only by `applyInput`; no I/O behind it. */
export interface RunState {
  readonly id: string;
  readonly definition: PipelineDefinition;
  /** How many jobs may run at once. */
  readonly concurrency: number;
  readonly jobs: ReadonlyMap<string, JobState>;
  status: RunStatus;
  startedAt: number;
  /** Jobs that occupy a slot now. */
  running: number;
  /** Jobs not settled yet. */
  unsettled: number;
  /** Names of jobs that could start but for the limit, first come first served. */
  readonly ready: string[];
  /** Why the whole run is being ended early; null: it is not. */
  ending: EndCause | null;
}

export interface EndCause {
  readonly reason: "user" | "superseded" | "pipeline_timeout";
  readonly message: string;
}

export interface JobState {
  readonly id: string;
  readonly name: string;
  readonly definition: PipelineJob;
  readonly stepIds: readonly string[];
  /** Names of the jobs that wait for this one. */
  readonly dependents: readonly string[];
  /** Dependencies that have not succeeded yet. Ready means none: finding it costs one decrement an edge. */
  waitingFor: number;
  status: JobStatus;
  reason: Reason | null;
  message: string;
  /** Attempts begun. */
  attempt: number;
  startedAt: number;
  phase: JobPhase;
  executionId: string | null;
  /** Name of the executor of the current attempt; null: none has begun. */
  executor: string | null;
  step: number;
  stepAttempt: number;
  stepStartedAt: number;
  /** Whether what stands before the job is being asked for it. */
  isAsking: boolean;
  /** Whether it has let the job begin. */
  isAdmitted: boolean;
  /** Set from the moment the attempt must end early until it has ended. */
  stopping: StopCause | null;
  /** When the first failure happened that was followed by another attempt; null: none was. */
  firstFailureAt: number | null;
  /** How often a step has run out of memory. */
  outOfMemoryCount: number;
  /** What the attempt that waits to be repeated failed of, as far as it is a service of others; null: it is not. */
  failedService: FailedService | null;
  /** Whether the attempt under way tries the failed service again. */
  probing: boolean;
  /** From the start of the first attempt to the end; 0 for a job that never started. */
  durationMs: number;
  artifacts: readonly SavedArtifact[];
  /** What the steps of this attempt have handed on so far. */
  outputs: Outputs;
}

export type Outputs = Readonly<Record<string, string>>;

export interface FailedService {
  readonly name: string;
  /** Position of the step that failed of it: when it has succeeded, the service has answered. */
  readonly step: number;
}

/**
 * What the job is doing, finer than its status.
 *
 * waiting -> preparing -> stepping <-> step_backoff -> saving -> done
 *                  \________\________________\______-> job_backoff -> waiting
 */
export type JobPhase = "waiting" | "preparing" | "stepping" | "step_backoff" | "saving" | "job_backoff" | "done";

export type StopCause =
  | { readonly kind: "step_timeout" | "job_timeout"; readonly seconds: number }
  | { readonly kind: "run_ending"; readonly cause: EndCause };

/** The state of a run that has been stored and has not begun. Dependencies outside the selection count as met. */
export function createRunState(run: Pick<NewRun, "id" | "definition" | "jobs">, concurrency: number): RunState {
  const selected = new Set(run.jobs.map((job) => job.name));
  const dependents = new Map<string, string[]>(run.jobs.map((job) => [job.name, []]));
  const definitions = new Map<string, PipelineJob>();
  for (const { name } of run.jobs) {
    const definition = run.definition.jobs.get(name);
    if (definition === undefined) throw new RangeError(`job ${name} is not part of the definition`);
    definitions.set(name, definition);
    for (const dependency of definition.dependsOn) dependents.get(dependency)?.push(name);
  }
  const jobs = new Map<string, JobState>();
  for (const job of run.jobs) {
    const definition = definitions.get(job.name) as PipelineJob;
    jobs.set(job.name, {
      id: job.id,
      name: job.name,
      definition,
      stepIds: job.steps.map((step) => step.id),
      dependents: dependents.get(job.name) ?? [],
      waitingFor: definition.dependsOn.filter((name) => selected.has(name)).length,
      status: "pending",
      reason: null,
      message: "",
      attempt: 0,
      startedAt: 0,
      phase: "waiting",
      executionId: null,
      executor: null,
      step: 0,
      stepAttempt: 0,
      stepStartedAt: 0,
      isAsking: false,
      isAdmitted: false,
      stopping: null,
      firstFailureAt: null,
      outOfMemoryCount: 0,
      failedService: null,
      probing: false,
      durationMs: 0,
      artifacts: [],
      outputs: {},
    });
  }
  return {
    id: run.id,
    definition: run.definition,
    concurrency,
    jobs,
    status: "pending",
    startedAt: 0,
    running: 0,
    unsettled: jobs.size,
    ready: [],
    ending: null,
  };
}
