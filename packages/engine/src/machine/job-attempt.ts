import type { SavedArtifact } from "../ports/files.ts";
import type { Reason } from "../statuses.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { settleJob } from "./settle-job.ts";
import type { EndCause, JobState, StopCause } from "./run-state.ts";
import type { Transition } from "./transition.ts";

/** Takes a slot and opens a new attempt with an execution of its own. */
export function beginAttempt(transition: Transition, job: JobState): void {
  const { state, services, now } = transition;
  state.running += 1;
  job.attempt += 1;
  job.executionId = services.ids.next();
  job.phase = "preparing";
  job.step = 0;
  job.stepAttempt = 0;
  job.stopping = null;
  job.outputs = {};
  if (job.attempt === 1) job.startedAt = now;
  transition.changeStatus(job, "running");
  transition.changeJob(job, { attempts: job.attempt, startedAt: job.startedAt, outputs: job.outputs });
  const { executor, reason } = services.chooseExecutor(job);
  job.executor = executor;
  transition.addExecution({ id: job.executionId, jobId: job.id, attempt: job.attempt, executor });
  transition.emit({ type: "job.started", job: job.name, attempt: job.attempt, executor, executor_reason: reason });
}

export function prepareFailed(transition: Transition, job: JobState, message: string): void {
  if (job.phase !== "preparing") return;
  if (job.stopping !== null) return attemptStopped(transition, job, job.stopping);
  attemptFailed(transition, job, "setup_failed", message);
}

/** All steps are through. */
export function stepsDone(transition: Transition, job: JobState): void {
  if (Object.keys(job.definition.artifacts).length === 0) return attemptSucceeded(transition, job);
  job.phase = "saving";
  transition.commands.push({ type: "save_artifacts", job: job.name, execution: job.executionId as string });
}

/** The artifacts are in the store: recording them and the job's success is one transaction. */
export function artifactsSaved(transition: Transition, job: JobState, artifacts: readonly SavedArtifact[]): void {
  if (job.phase !== "saving") return;
  if (job.stopping !== null) return attemptStopped(transition, job, job.stopping);
  job.artifacts = artifacts;
  for (const artifact of artifacts) {
    transition.addArtifact({
      id: transition.services.ids.next(),
      jobId: job.id,
      name: artifact.name,
      ref: artifact.ref,
      sizeBytes: artifact.sizeBytes,
      fileCount: artifact.fileCount,
      createdAt: transition.now,
    });
  }
  attemptSucceeded(transition, job);
}

export function artifactsFailed(transition: Transition, job: JobState, message: string): void {
  if (job.phase !== "saving") return;
  if (job.stopping !== null) return attemptStopped(transition, job, job.stopping);
  attemptFailed(transition, job, "artifacts_failed", message);
}

function attemptSucceeded(transition: Transition, job: JobState): void {
  settleJob(transition, job, "success", null, "");
}

/** The attempt failed by itself: the job is tried again while it has attempts left. */
export function attemptFailed(transition: Transition, job: JobState, reason: Reason, message: string): void {
  const { state, services } = transition;
  if (job.attempt > job.definition.retry.max || state.ending !== null) {
    return settleJob(transition, job, "failed", reason, message);
  }
  const delayMs = retryDelayMs(job.attempt, services.random);
  const execution = job.executionId as string;
  transition.changeStatus(job, "retry", reason, message);
  job.phase = "job_backoff";
  state.running -= 1;
  transition.emit({
    type: "job.retry",
    job: job.name,
    step: null,
    attempt: job.attempt,
    reason,
    message,
    delay_ms: delayMs,
  });
  for (const id of job.stepIds)
    transition.changeStep(id, { status: "pending", exitCode: null, startedAt: null, finishedAt: null });
  transition.commands.push(
    { type: "close", job: job.name, execution },
    { type: "retry_later", job: job.name, execution, delayMs },
  );
}

/** The attempt has ended because it was told to. Neither time-outs nor a run that ends are tried again. */
export function attemptStopped(transition: Transition, job: JobState, cause: StopCause): void {
  switch (cause.kind) {
    case "step_timeout":
    case "job_timeout":
      return settleJob(transition, job, "failed", cause.kind, timeoutMessage(job, cause));
    case "run_ending":
      return cause.cause.reason === "pipeline_timeout"
        ? settleJob(transition, job, "failed", cause.cause.reason, cause.cause.message)
        : settleJob(transition, job, "cancelled", cause.cause.reason, cause.cause.message);
  }
}

function timeoutMessage(job: JobState, cause: Extract<StopCause, { readonly seconds: number }>): string {
  if (cause.kind === "job_timeout") return `the job took longer than its time-out of ${cause.seconds} s`;
  return `step "${job.definition.steps[job.step]?.name}" took longer than its time-out of ${cause.seconds} s`;
}

/** Cancels a job that is not settled: at once where it only waits, else as soon as what it is doing has ended. */
export function callOff(transition: Transition, job: JobState, cause: EndCause): void {
  if (job.phase === "waiting" || job.phase === "job_backoff") {
    return settleJob(transition, job, "cancelled", cause.reason, cause.message);
  }
  endJobEarly(transition, job, { kind: "run_ending", cause });
}

/** Makes a job with a live execution end as soon as it can; what it is doing decides how. */
export function endJobEarly(transition: Transition, job: JobState, cause: StopCause): void {
  if (job.status !== "running") return;
  if (job.stopping !== null) {
    if (goesOnAfter(job, job.stopping) && cause.kind !== "step_timeout") setStopping(transition, job, cause);
    return;
  }
  setStopping(transition, job, cause);
  if (job.phase === "step_backoff") return attemptStopped(transition, job, cause);
  if (job.phase === "stepping") {
    transition.commands.push({ type: "stop_step", job: job.name, execution: job.executionId as string });
  }
}

/**
 * Why the attempt is to end. A job that is `running` and has a reason is being stopped: stored, so that a step that ends
 * of our SIGTERM after a crash of ours is not taken for one that failed by itself.
 */
export function setStopping(transition: Transition, job: JobState, cause: StopCause | null): void {
  job.stopping = cause;
  const reason = cause === null ? null : cause.kind === "run_ending" ? cause.cause.reason : cause.kind;
  transition.changeJob(job, { reason });
}

/** A step that may fail ends by its time-out and the job goes on: unless it has to end for another reason meanwhile. */
export function goesOnAfter(job: JobState, cause: StopCause): boolean {
  return cause.kind === "step_timeout" && job.definition.steps[job.step]?.continueOnFailure === true;
}
