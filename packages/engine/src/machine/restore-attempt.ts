import type { StepRecord } from "../ports/run-store.ts";
import type { Command } from "./inputs.ts";
import type { FailedService, JobState, RunState, StopCause } from "./run-state.ts";
import type { Trace } from "./traces.ts";

export interface AttemptRecords {
  readonly steps: readonly StepRecord[];
  readonly trace: Trace | undefined;
  /** The last sign of life of the process that died. */
  readonly lastSeen: number;
  readonly now: number;
}

/**
 * Where the last attempt of a job stood that has begun and not settled: its last event tells the phase.
 *
 * @returns the commands that take it up
 */
export function restoreAttempt(state: RunState, job: JobState, records: AttemptRecords): Command[] {
  const { trace, lastSeen, now } = records;
  const execution = job.executionId;
  if (trace === undefined || execution === null)
    throw new RangeError(`job ${job.name} began, but no event tells of it`);
  const about = { job: job.name, execution };
  const { time, event } = trace.last;
  job.firstFailureAt = trace.firstFailureAt;
  job.outOfMemoryCount = trace.outOfMemoryCount;
  job.failedService = failedService(job, trace);
  if (job.status === "retry") {
    if (event.type !== "job.retry") throw unexpected(job, event.type);
    // Waiting for a slot and waiting for its time look alike from here; the second ends at once where it was the first.
    job.phase = "job_backoff";
    return [{ type: "retry_later", ...about, delayMs: left(time + event.delay_ms, now) }];
  }
  state.running += 1;
  job.stepAttempt = trace.stepAttempt;
  const step = records.steps.findLast(({ status }) => status !== "pending");
  job.step = step?.position ?? 0;
  job.stepStartedAt = step?.startedAt ?? time;
  job.stopping = stoppingOf(state, job);
  job.reason = null;
  if (event.type === "job.started") {
    job.phase = "preparing";
    return [{ type: "prepare", ...about, attempt: job.attempt, again: true }];
  }
  const timeoutMs = left(job.definition.timeout * 1000, lastSeen - trace.startedAt);
  const reattach: Command = { type: "reattach", ...about, attempt: job.attempt, timeoutMs };
  switch (event.type) {
    case "step.started":
      job.phase = "stepping";
      return [reattach, ...resumeStep(job, about, trace, now)];
    case "job.retry":
      job.phase = "step_backoff";
      return [reattach, { type: "retry_later", ...about, delayMs: left(time + event.delay_ms, now) }];
    case "step.finished":
      job.phase = "saving";
      return [reattach, { type: "save_artifacts", ...about }];
    default:
      throw unexpected(job, event.type);
  }
}

/** What a job that waits failed of. One that is under way may be a probe no more: what was known of services is lost. */
function failedService(job: JobState, { last, step }: Trace): FailedService | null {
  if (last.event.type !== "job.retry" || typeof last.event.service !== "string") return null;
  if (last.event.cause === "left_alone") return null;
  const position = job.definition.steps.findIndex(({ name }) => name === step);
  return { name: last.event.service, step: Math.max(0, position) };
}

function resumeStep(
  job: JobState,
  about: { readonly job: string; readonly execution: string },
  trace: Trace,
  now: number,
): Command[] {
  const timeoutMs = left(job.stepStartedAt + (job.definition.steps[job.step]?.timeout ?? 0) * 1000, now);
  // The clock may have been set back meanwhile: a first attempt's lines need no date to be told from earlier ones.
  const since = job.attempt === 1 ? 0 : trace.startedAt;
  const { step, stepAttempt: attempt } = job;
  const commands: Command[] = [{ type: "run_step", ...about, step, attempt, timeoutMs, earlier: { since } }];
  if (job.stopping !== null) commands.push({ type: "stop_step", ...about });
  return commands;
}

/** A job that is `running` and has a reason is being stopped, as is every job of a run that is being ended. */
function stoppingOf(state: RunState, job: JobState): StopCause | null {
  switch (job.reason) {
    case "job_timeout":
      return { kind: job.reason, seconds: job.definition.timeout };
    case "step_timeout":
      return { kind: job.reason, seconds: job.definition.steps[job.step]?.timeout ?? 0 };
    default:
      return state.ending === null ? null : { kind: "run_ending", cause: state.ending };
  }
}

function left(end: number, now: number): number {
  return Math.max(0, end - now);
}

function unexpected(job: JobState, type: string): RangeError {
  return new RangeError(`job ${job.name} is ${job.status} and its last event is ${type}`);
}
