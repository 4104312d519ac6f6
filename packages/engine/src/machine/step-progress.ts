import type { PipelineStep } from "@waybill/pipeline";
import type { Reason } from "../statuses.ts";
import { attemptFailed, attemptStopped, goesOnAfter, setStopping, stepsDone } from "./job-attempt.ts";
import { retryDelayMs } from "./retry-delay.ts";
import type { StepEnded } from "./inputs.ts";
import type { JobState, Outputs, StopCause } from "./run-state.ts";
import type { Transition } from "./transition.ts";

/** The place is ready: the first step starts, unless the attempt was told to end meanwhile. */
export function prepared(transition: Transition, job: JobState): void {
  if (job.phase !== "preparing") return;
  if (job.stopping !== null) return attemptStopped(transition, job, job.stopping);
  startStep(transition, job, 0, 1);
}

function startStep(transition: Transition, job: JobState, index: number, attempt: number): void {
  const step = stepAt(job, index);
  job.phase = "stepping";
  job.step = index;
  job.stepAttempt = attempt;
  job.stepStartedAt = transition.now;
  transition.changeStep(stepIdAt(job, index), { status: "running", startedAt: transition.now });
  transition.emit({ type: "step.started", job: job.name, step: step.name, attempt });
  transition.commands.push({
    type: "run_step",
    job: job.name,
    execution: job.executionId as string,
    step: index,
    attempt,
    timeoutMs: step.timeout * 1000,
  });
}

export function stepEnded(transition: Transition, job: JobState, ended: StepEnded): void {
  if (job.phase !== "stepping" || job.step !== ended.step || job.stepAttempt !== ended.attempt) return;
  const step = stepAt(job, ended.step);
  const { stopping } = job;
  const success = stopping === null && ended.outcome.kind === "exited" && ended.outcome.exitCode === 0;
  const reason = success ? null : reasonOf(ended, stopping);
  recordStepEnd(transition, job, step, ended, success, reason);
  if (ended.outcome.kind === "exited") addOutputs(transition, job, ended.outcome.outputs ?? {});
  if (success) return nextStep(transition, job);
  if (stopping !== null) return stepStopped(transition, job, stopping);
  if (ended.outcome.kind === "error")
    return attemptFailed(transition, job, ended.outcome.reason, ended.outcome.message);
  const message = failureMessage(step, ended.outcome);
  if (ended.attempt <= step.retry.max) return retryStep(transition, job, step, message);
  if (step.continueOnFailure) return nextStep(transition, job);
  attemptFailed(transition, job, "step_failed", message);
}

/** The back-off is over: a step starts again where it was, a job waits for a slot again, ahead of the others. */
export function retryDue(transition: Transition, job: JobState): void {
  if (job.phase === "step_backoff") return startStep(transition, job, job.step, job.stepAttempt + 1);
  if (job.phase !== "job_backoff") return;
  job.phase = "waiting";
  transition.state.ready.unshift(job.name);
}

function nextStep(transition: Transition, job: JobState): void {
  const next = job.step + 1;
  if (next < job.definition.steps.length) startStep(transition, job, next, 1);
  else stepsDone(transition, job);
}

/** A step that was stopped ends its job, unless only its own time ran out and the job may go on without it. */
function stepStopped(transition: Transition, job: JobState, cause: StopCause): void {
  if (goesOnAfter(job, cause)) {
    setStopping(transition, job, null);
    return nextStep(transition, job);
  }
  attemptStopped(transition, job, cause);
}

function retryStep(transition: Transition, job: JobState, step: PipelineStep, message: string): void {
  const delayMs = retryDelayMs(job.stepAttempt, transition.services.random);
  job.phase = "step_backoff";
  transition.emit({
    type: "job.retry",
    job: job.name,
    step: step.name,
    attempt: job.stepAttempt,
    reason: "step_failed",
    message,
    delay_ms: delayMs,
  });
  transition.commands.push({ type: "retry_later", job: job.name, execution: job.executionId as string, delayMs });
}

/** A step that failed hands on what it had to say as well: a step after it, or a job, may ask for it. */
function addOutputs(transition: Transition, job: JobState, outputs: Outputs): void {
  if (Object.keys(outputs).length === 0) return;
  job.outputs = { ...job.outputs, ...outputs };
  transition.changeJob(job, { outputs: job.outputs });
}

function recordStepEnd(
  transition: Transition,
  job: JobState,
  step: PipelineStep,
  ended: StepEnded,
  success: boolean,
  reason: Reason | null,
): void {
  const exited = ended.outcome.kind === "exited" ? ended.outcome : { exitCode: null, signal: null };
  const status = success ? "success" : reason === "user" || reason === "superseded" ? "cancelled" : "failed";
  transition.changeStep(stepIdAt(job, ended.step), { status, exitCode: exited.exitCode, finishedAt: transition.now });
  transition.emit({
    type: "step.finished",
    job: job.name,
    step: step.name,
    attempt: ended.attempt,
    status,
    exit_code: exited.exitCode,
    signal: exited.signal,
    reason,
    duration_ms: transition.now - job.stepStartedAt,
  });
}

function reasonOf(ended: StepEnded, stopping: StopCause | null): Reason {
  if (stopping !== null) return stopping.kind === "run_ending" ? stopping.cause.reason : stopping.kind;
  return ended.outcome.kind === "error" ? ended.outcome.reason : "step_failed";
}

function failureMessage(
  step: PipelineStep,
  exited: { readonly exitCode: number | null; readonly signal: string | null },
): string {
  if (exited.signal !== null) return `step "${step.name}" was ended by ${exited.signal}`;
  return `step "${step.name}" exited with code ${exited.exitCode}`;
}

function stepAt(job: JobState, index: number): PipelineStep {
  const step = job.definition.steps[index];
  if (step === undefined) throw new RangeError(`job ${job.name} has no step ${index}`);
  return step;
}

function stepIdAt(job: JobState, index: number): string {
  const id = job.stepIds[index];
  if (id === undefined) throw new RangeError(`job ${job.name} has no step ${index}`);
  return id;
}
