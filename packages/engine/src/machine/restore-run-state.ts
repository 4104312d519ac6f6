import type { PipelineDefinition } from "@waybill/pipeline";
import type { SavedArtifact } from "../ports/files.ts";
import type {
  ArtifactRecord,
  ExecutionRecord,
  JobRecord,
  RunRecord,
  StepRecord,
  StoredEvent,
} from "../ports/run-store.ts";
import { isSettled } from "../statuses.ts";
import { endCause } from "./end-cause.ts";
import { heldMs } from "./holds.ts";
import type { Command, Input } from "./inputs.ts";
import { restoreAttempt } from "./restore-attempt.ts";
import { createRunState, type EndCause, type JobState, type RunState } from "./run-state.ts";
import { readTraces } from "./traces.ts";

/** All that the store has of one run. */
export interface RunRecords {
  readonly run: RunRecord;
  readonly definition: PipelineDefinition;
  readonly jobs: readonly JobRecord[];
  readonly steps: readonly StepRecord[];
  readonly executions: readonly ExecutionRecord[];
  readonly artifacts: readonly ArtifactRecord[];
  /** From the first to the last. */
  readonly events: readonly StoredEvent[];
}

export interface RestoredRun {
  readonly state: RunState;
  /** What to begin with. */
  readonly input: Extract<Input, { readonly type: "start" | "resume" }>;
  /** What was under way, to be carried out (again) behind that input. */
  readonly commands: readonly Command[];
  /** What is left of the pipeline's time-out. */
  readonly timeoutMs: number;
  /** Names of the jobs that have begun here or in the run they are reused from, each behind those it depends on. */
  readonly begun: readonly string[];
}

/**
 * The state of a run whose process died, as its last transition left it, and what has to be done to go on.
 *
 * Everything is told by the rows and the events that were stored with them. What was never stored is found anew: which
 * jobs are ready (in the order of the definition), and the time that is left. Time-outs of job and pipeline do not
 * count the time in which nobody carried the run on; that of a step does, since the step itself went on.
 *
 * @param concurrency how many jobs may run at once from now on
 * @param now milliseconds since the epoch
 */
export function restoreRunState(stored: RunRecords, concurrency: number, now: number): RestoredRun {
  const { run, definition } = stored;
  const steps = Map.groupBy(stored.steps, (step) => step.jobId);
  const executions = Map.groupBy(stored.executions, (execution) => execution.jobId);
  const artifacts = Map.groupBy(stored.artifacts, (artifact) => artifact.jobId);
  const traces = readTraces(stored.events);
  const state = createRunState(
    { id: run.id, definition, jobs: stored.jobs.map((job) => ({ ...job, steps: steps.get(job.id) ?? [] })) },
    concurrency,
  );
  state.status = run.status;
  state.startedAt = run.startedAt ?? 0;
  state.ending = endingOf(run, definition);
  const lastSeen = stored.events.at(-1)?.time ?? state.startedAt;
  const commands: Command[] = [];
  for (const record of stored.jobs) {
    const job = state.jobs.get(record.name) as JobState;
    restoreOutcome(job, record, artifacts.get(record.id) ?? []);
    if (isSettled(job.status)) state.unsettled -= 1;
    else if (job.attempt > 0) {
      const execution = executions.get(job.id)?.find((each) => each.attempt === job.attempt);
      job.executionId = execution?.id ?? null;
      job.executor = execution?.executor ?? null;
      commands.push(
        ...restoreAttempt(state, job, { steps: steps.get(job.id) ?? [], trace: traces.get(job.name), lastSeen, now }),
      );
    }
  }
  findReady(state);
  return {
    state,
    input: { type: run.status === "pending" ? "start" : "resume", number: run.number },
    commands,
    timeoutMs: Math.max(
      0,
      definition.timeout * 1000 - (lastSeen - (run.startedAt ?? lastSeen)) + heldMs(stored.events),
    ),
    begun: [...reusedJobs(state), ...traces.keys()],
  };
}

/** A run that goes on and has a reason is being ended. */
function endingOf(run: RunRecord, definition: PipelineDefinition): EndCause | null {
  const { reason } = run;
  if (isSettled(run.status)) return null;
  return reason === "user" || reason === "superseded" || reason === "pipeline_timeout"
    ? endCause(reason, definition)
    : null;
}

function restoreOutcome(job: JobState, record: JobRecord, artifacts: readonly ArtifactRecord[]): void {
  job.status = record.status;
  job.reason = record.reason;
  job.message = record.message;
  job.attempt = record.attempts;
  job.startedAt = record.startedAt ?? 0;
  job.outputs = record.outputs;
  if (!isSettled(record.status)) return;
  job.phase = "done";
  job.durationMs = record.attempts === 0 ? 0 : (record.finishedAt ?? 0) - job.startedAt;
  job.artifacts = inOrderOfDefinition(job, artifacts);
}

/** Of two artifacts of a job with a file of the same path the later one counts: their order means something. */
function inOrderOfDefinition(job: JobState, artifacts: readonly ArtifactRecord[]): readonly SavedArtifact[] {
  const positions = new Map(Object.keys(job.definition.artifacts).map((name, position) => [name, position]));
  return artifacts
    .map(({ name, ref, sizeBytes, fileCount }) => ({ name, jobName: job.name, ref, sizeBytes, fileCount }))
    .toSorted((a, b) => (positions.get(a.name) ?? 0) - (positions.get(b.name) ?? 0));
}

/** Those that an earlier run has made, each behind those it depends on. */
function reusedJobs(state: RunState): readonly string[] {
  const isReused = (name: string): boolean => {
    const job = state.jobs.get(name);
    return job !== undefined && job.status === "success" && job.attempt === 0;
  };
  const sorted = new Set<string>();
  const open = [...state.jobs.keys()].filter(isReused);
  for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
    const before = state.jobs.get(name)?.definition.dependsOn ?? [];
    const missing = before.filter((each) => isReused(each) && !sorted.has(each));
    if (missing.length > 0) open.push(...missing);
    else sorted.add(open.pop() ?? "");
  }
  return [...sorted];
}

function findReady(state: RunState): void {
  for (const job of state.jobs.values()) {
    job.waitingFor = job.definition.dependsOn.filter((name) => {
      const dependency = state.jobs.get(name);
      return dependency !== undefined && dependency.status !== "success";
    }).length;
    // Before its start a run has no ready jobs: `start` finds them.
    if (state.status === "running" && job.phase === "waiting" && job.waitingFor === 0) state.ready.push(job.name);
  }
}
