import type { JobResult } from "../events.ts";
import { isSettled, type Reason, type RunStatus } from "../statuses.ts";
import { endJobEarly } from "./job-attempt.ts";
import { settleJob } from "./settle-job.ts";
import type { EndCause, RunState } from "./run-state.ts";
import type { Transition } from "./transition.ts";

export function startRun(transition: Transition, number: number): void {
  const { state, now } = transition;
  if (state.status !== "pending") return;
  state.status = "running";
  state.startedAt = now;
  transition.changeRun({ status: "running", startedAt: now });
  transition.emit({ type: "run.started", pipeline: state.definition.name, number, jobs: [...state.jobs.keys()] });
  for (const job of state.jobs.values()) if (job.waitingFor === 0) state.ready.push(job.name);
}

/** Ends the run early: nothing new starts, what runs is stopped. The first cause counts. */
export function endRun(transition: Transition, cause: EndCause): void {
  const { state } = transition;
  if (state.ending !== null || isSettled(state.status)) return;
  state.ending = cause;
  for (const job of state.jobs.values()) {
    if (isSettled(job.status)) continue;
    if (job.phase === "waiting" || job.phase === "job_backoff") {
      settleJob(transition, job, "cancelled", cause.reason, cause.message);
    } else endJobEarly(transition, job, { kind: "run_ending", cause });
  }
}

/** The last job has settled: so has the run. */
export function finishRunIfSettled(transition: Transition): void {
  const { state, now } = transition;
  if (state.unsettled > 0 || state.status !== "running") return;
  const { status, reason } = outcomeOf(state);
  state.status = status;
  transition.changeRun({ status, reason, finishedAt: now });
  const jobs: Record<string, JobResult> = {};
  for (const job of state.jobs.values()) {
    jobs[job.name] = {
      status: job.status as JobResult["status"],
      reason: job.reason,
      message: job.message,
      attempts: job.attempt,
      duration_ms: job.durationMs,
    };
  }
  transition.emit({ type: "run.finished", status, reason, duration_ms: now - state.startedAt, jobs });
}

/**
 * Ended by a person or a newer run: cancelled. Any failure, or anything that could not run for another reason than
 * its own condition (or that of a job it waits for): failed. Otherwise success.
 */
function outcomeOf(state: RunState): {
  status: Extract<RunStatus, "success" | "failed" | "cancelled">;
  reason: Reason | null;
} {
  if (state.ending !== null) {
    return { status: state.ending.reason === "pipeline_timeout" ? "failed" : "cancelled", reason: state.ending.reason };
  }
  for (const job of state.jobs.values()) {
    if (job.status === "failed") return { status: "failed", reason: job.reason };
  }
  return { status: "success", reason: null };
}
