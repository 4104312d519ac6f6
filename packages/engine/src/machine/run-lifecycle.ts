import type { JobResult } from "../events.ts";
import { isSettled, type Reason, type RunStatus } from "../statuses.ts";
import { callOff } from "./job-attempt.ts";
import type { EndCause, RunState } from "./run-state.ts";
import type { Transition } from "./transition.ts";

export function startRun(transition: Transition, number: number): void {
  const { state, now } = transition;
  if (state.status !== "pending") return;
  state.status = "running";
  state.startedAt = now;
  transition.changeRun({ status: "running", startedAt: now });
  transition.emit({ type: "run.started", pipeline: state.definition.name, number, jobs: [...state.jobs.keys()] });
  for (const job of state.jobs.values()) {
    if (job.waitingFor === 0 && !isSettled(job.status)) state.ready.push(job.name);
  }
}

/** What was under way is taken up by the commands that came with the restored state. */
export function resumeRun(transition: Transition, number: number): void {
  const { state } = transition;
  if (state.status !== "running") return;
  const jobs = Array.from(state.jobs.values()).filter((job) => !isSettled(job.status));
  transition.emit({
    type: "run.resumed",
    pipeline: state.definition.name,
    number,
    jobs: jobs.map((job) => job.name),
  });
}

/** Ends the run early: nothing new starts, what runs is stopped. The first cause counts. */
export function endRun(transition: Transition, cause: EndCause): void {
  const { state } = transition;
  if (state.ending !== null || isSettled(state.status)) return;
  state.ending = cause;
  // A run that goes on and has a reason is being ended: whoever takes it up after a crash must know.
  transition.changeRun({ reason: cause.reason });
  for (const job of state.jobs.values()) {
    if (!isSettled(job.status)) callOff(transition, job, cause);
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
 * Ended by a person or a newer run: cancelled. Any failure: failed. Without one, a job that a person called off
 * or that was refused: cancelled. Otherwise success, also where conditions (a job's own, or that of one it waits for) left jobs out.
 */
function outcomeOf(state: RunState): {
  status: Extract<RunStatus, "success" | "failed" | "cancelled">;
  reason: Reason | null;
} {
  if (state.ending !== null) {
    return { status: state.ending.reason === "pipeline_timeout" ? "failed" : "cancelled", reason: state.ending.reason };
  }
  let calledOff: "user" | "refused" | null = null;
  for (const job of state.jobs.values()) {
    if (job.status === "failed") return { status: "failed", reason: job.reason };
    if (job.status === "cancelled" && (job.reason === "user" || job.reason === "refused")) calledOff ??= job.reason;
  }
  return calledOff === null ? { status: "success", reason: null } : { status: "cancelled", reason: calledOff };
}
