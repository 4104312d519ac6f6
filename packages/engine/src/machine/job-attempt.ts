import type { SavedArtifact } from "../ports/files.ts";
import type { FailureFields } from "../events.ts";
import { classifyEngineFailure } from "../failures/classify-failure.ts";
import type { Failure } from "../failures/failure.ts";
import { retriesTimeOuts } from "../failures/retry-decision.ts";
import { engineFailure, heldMessage, type AttemptFailure } from "./attempt-failure.ts";
import { rememberService } from "./failed-service.ts";
import { retryVerdict } from "./retry-verdict.ts";
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

/** What came of something the engine did itself. */
interface EngineTrouble {
  readonly message: string;
  readonly failure?: Failure;
}

export function prepareFailed(transition: Transition, job: JobState, trouble: EngineTrouble): void {
  if (job.phase !== "preparing") return;
  if (job.stopping !== null) return attemptStopped(transition, job, job.stopping);
  attemptFailed(transition, job, engineFailure(transition, job, "setup_failed", trouble.message, trouble.failure));
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

export function artifactsFailed(transition: Transition, job: JobState, trouble: EngineTrouble): void {
  if (job.phase !== "saving") return;
  if (job.stopping !== null) return attemptStopped(transition, job, job.stopping);
  attemptFailed(transition, job, engineFailure(transition, job, "artifacts_failed", trouble.message, trouble.failure));
}

function attemptSucceeded(transition: Transition, job: JobState): void {
  settleJob(transition, job, "success", null, "");
}

/** The attempt failed: the job is tried again where its rule allows it. */
export function attemptFailed(transition: Transition, job: JobState, failed: AttemptFailure): void {
  const { state, services } = transition;
  const { reason, failure } = failed;
  const rule = job.definition.retry;
  const verdict = retryVerdict(transition, job, rule, job.attempt, failed);
  const fields = { ...failure, retry_rule: verdict.rule };
  if (!verdict.again) return settleJob(transition, job, "failed", reason, failed.message, fields);
  const delayMs = Math.max(retryDelayMs(rule.backoff, job.attempt, services.random), failed.holdMs);
  const message = heldMessage(failed);
  const execution = job.executionId as string;
  rememberService(transition, job, failure);
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
    ...fields,
  });
  for (const id of job.stepIds)
    transition.changeStep(id, { status: "pending", exitCode: null, startedAt: null, finishedAt: null });
  transition.commands.push(
    { type: "close", job: job.name, execution },
    { type: "retry_later", job: job.name, execution, delayMs },
  );
}

const OUT_OF_TIME: FailureFields = {
  ...classifyEngineFailure("pipeline_timeout", ""),
  retry_rule: "run_ending",
};

/** The attempt has ended because it was told to. A time-out is tried again where the rule names it. */
export function attemptStopped(transition: Transition, job: JobState, cause: StopCause): void {
  switch (cause.kind) {
    case "step_timeout":
    case "job_timeout":
      return attemptFailed(transition, job, engineFailure(transition, job, cause.kind, timeoutMessage(job, cause)));
    case "run_ending":
      return cause.cause.reason === "pipeline_timeout"
        ? settleJob(transition, job, "failed", cause.cause.reason, cause.cause.message, OUT_OF_TIME)
        : settleJob(transition, job, "cancelled", cause.cause.reason, cause.cause.message);
  }
}

export function timeoutMessage(job: JobState, cause: Extract<StopCause, { readonly seconds: number }>): string {
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
    if (goesOnAfter(job, job.stopping) && rank(cause) > rank(job.stopping)) setStopping(transition, job, cause);
    return;
  }
  setStopping(transition, job, cause);
  if (job.phase === "step_backoff") return attemptStopped(transition, job, cause);
  // A place that is being made may wait for an image for minutes.
  if (job.phase === "stepping" || job.phase === "preparing") {
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

/** What ends more outranks what ends less. */
function rank({ kind }: StopCause): number {
  return ["step_timeout", "job_timeout", "run_ending"].indexOf(kind);
}

/**
 * Whether the job may go on behind a time-out, because its step may fail or is tried again: unless it has to end for
 * another reason meanwhile.
 */
export function goesOnAfter(job: JobState, cause: StopCause): boolean {
  if (cause.kind === "run_ending") return false;
  if (retriesTimeOuts(job.definition.retry)) return true;
  const step = job.definition.steps[job.step];
  return cause.kind === "step_timeout" && step !== undefined && (step.continueOnFailure || retriesTimeOuts(step.retry));
}
