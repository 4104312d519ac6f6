import type { PipelineStep } from "@waybill/pipeline";
import type { FailureFields } from "../events.ts";
import { exitMeaning } from "../explanation/exit-codes.ts";
import { classifyEngineFailure, classifyFailure } from "../failures/classify-failure.ts";
import type { Failure } from "../failures/failure.ts";
import type { RetryVerdict } from "../failures/retry-decision.ts";
import type { Reason } from "../statuses.ts";
import { countFailure, heldMessage, leftAlone, type AttemptFailure } from "./attempt-failure.ts";
import { rememberService, stepPassed } from "./failed-service.ts";
import { attemptFailed, attemptStopped, setStopping, stepsDone, timeoutMessage } from "./job-attempt.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { retryVerdict } from "./retry-verdict.ts";
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
  if (ended.outcome.kind === "exited") addOutputs(transition, job, ended.outcome.outputs ?? {});
  if (success) {
    recordStepEnd(transition, job, step, ended, null, {});
    stepPassed(transition, job, ended.step);
    return nextStep(transition, job);
  }
  if (stopping?.kind === "run_ending") {
    recordStepEnd(transition, job, step, ended, stopping.cause.reason, {});
    return attemptStopped(transition, job, stopping);
  }
  const failed = failedStep(transition, job, step, ended, stopping);
  // What a step failed of that the engine could not carry out is a matter of the whole attempt.
  const isOwn = ended.outcome.kind === "exited" ? stopping?.kind !== "job_timeout" : stopping?.kind === "step_timeout";
  const verdict = isOwn ? retryVerdict(transition, job, step.retry, ended.attempt, failed) : null;
  const rule = verdict === null ? {} : { retry_rule: verdict.rule };
  recordStepEnd(transition, job, step, ended, failed.reason, { ...failed.failure, ...rule });
  if (stopping?.kind === "step_timeout") setStopping(transition, job, null);
  if (verdict?.again) return retryStep(transition, job, step, failed, verdict);
  if (isOwn && step.continueOnFailure) return nextStep(transition, job);
  attemptFailed(transition, job, failed);
}

function failedStep(
  transition: Transition,
  job: JobState,
  step: PipelineStep,
  { outcome }: StepEnded,
  stopping: Exclude<StopCause, { readonly kind: "run_ending" }> | null,
): AttemptFailure {
  const { exitCode, signal } = outcome.kind === "exited" ? outcome : { exitCode: null, signal: null };
  let reason: AttemptFailure["reason"];
  let message: string;
  let failure: Failure;
  if (stopping !== null) {
    reason = stopping.kind;
    message = timeoutMessage(job, stopping);
    failure = classifyEngineFailure(stopping.kind, message);
  } else if (outcome.kind === "error") {
    ({ reason, message } = outcome);
    failure = outcome.failure ?? classifyEngineFailure(outcome.reason, outcome.message);
  } else {
    reason = "step_failed";
    failure = outcome.failure ?? classifyFailure({ exitCode, signal, timedOut: false, outOfMemory: false, lines: [] });
    message = failureMessage(step, outcome, failure);
  }
  if (failure.cause === "out_of_memory") job.outOfMemoryCount += 1;
  return { reason, message, failure, exitCode, signal, holdMs: countFailure(transition, job, failure) };
}

/**
 * The back-off is over: a step starts again where it was, a job waits for a slot again, ahead of the others. Where the
 * service it failed of is left alone, it goes on waiting.
 */
export function retryDue(transition: Transition, job: JobState): void {
  if (job.phase !== "step_backoff" && job.phase !== "job_backoff") return;
  if (job.failedService !== null) {
    const { waitMs, isOpen } = transition.services.health.admit(job.id, job.failedService.name);
    if (waitMs > 0) return holdRetry(transition, job, job.failedService.name, waitMs, isOpen);
    job.probing = true;
  }
  if (job.phase === "step_backoff") return startStep(transition, job, job.step, job.stepAttempt + 1);
  job.phase = "waiting";
  transition.state.ready.unshift(job.name);
}

function holdRetry(transition: Transition, job: JobState, service: string, delayMs: number, isOpen: boolean): void {
  const isStep = job.phase === "step_backoff";
  if (isOpen) {
    transition.emit({
      type: "job.retry",
      job: job.name,
      step: isStep ? stepAt(job, job.step).name : null,
      attempt: isStep ? job.stepAttempt : job.attempt,
      reason: job.reason ?? "step_failed",
      message: leftAlone(service),
      delay_ms: delayMs,
      service,
      held: true,
    });
  }
  transition.commands.push({ type: "retry_later", job: job.name, execution: job.executionId as string, delayMs });
}

function nextStep(transition: Transition, job: JobState): void {
  const next = job.step + 1;
  if (next < job.definition.steps.length) startStep(transition, job, next, 1);
  else stepsDone(transition, job);
}

function retryStep(
  transition: Transition,
  job: JobState,
  step: PipelineStep,
  failed: AttemptFailure,
  verdict: RetryVerdict,
): void {
  const backoff = retryDelayMs(step.retry.backoff, job.stepAttempt, transition.services.random);
  const delayMs = Math.max(backoff, failed.holdMs);
  job.phase = "step_backoff";
  rememberService(transition, job, failed.failure);
  transition.emit({
    type: "job.retry",
    job: job.name,
    step: step.name,
    attempt: job.stepAttempt,
    reason: failed.reason,
    message: heldMessage(failed),
    delay_ms: delayMs,
    ...failed.failure,
    retry_rule: verdict.rule,
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
  reason: Reason | null,
  failure: FailureFields,
): void {
  const exited = ended.outcome.kind === "exited" ? ended.outcome : { exitCode: null, signal: null };
  const status = reason === null ? "success" : reason === "user" || reason === "superseded" ? "cancelled" : "failed";
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
    ...failure,
  });
}

/** With the meaning of the exit code, where it has one of its own. */
function failureMessage(
  step: PipelineStep,
  exited: { readonly exitCode: number | null; readonly signal: string | null },
  failure: Failure,
): string {
  const { exitCode, signal } = exited;
  const how = signal === null ? `exited with code ${exitCode}` : `was ended by ${signal}`;
  if (failure.cause === "out_of_memory") return `step "${step.name}" ran out of memory: it ${how}`;
  const { meaning, isTelling } = exitMeaning(exitCode, signal);
  return `step "${step.name}" ${how}${isTelling ? ` (${meaning.replace(`ended by ${signal}: `, "")})` : ""}`;
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
