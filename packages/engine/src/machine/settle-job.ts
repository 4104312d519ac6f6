import type { FailureFields } from "../events.ts";
import type { JobStatus, Reason } from "../statuses.ts";
import { leaveService } from "./failed-service.ts";
import type { JobState } from "./run-state.ts";
import type { Transition } from "./transition.ts";

/** The end of a job, whatever its end: frees its slot and leaves word for those that wait for it (`schedule` tells them). */
export function settleJob(
  transition: Transition,
  job: JobState,
  status: Extract<JobStatus, "success" | "failed" | "cancelled">,
  reason: Reason | null,
  message: string,
  failure: FailureFields & { readonly remedy?: string } = {},
): void {
  const { state, now } = transition;
  const started = job.attempt > 0;
  const { phase } = job;
  leaveService(transition, job);
  job.phase = "done";
  job.durationMs = started ? now - job.startedAt : 0;
  transition.changeStatus(job, status, reason, message);
  transition.changeJob(job, { finishedAt: now });
  transition.emit({
    type: "job.finished",
    job: job.name,
    status,
    reason,
    message,
    attempts: job.attempt,
    duration_ms: job.durationMs,
    ...failure,
  });
  state.unsettled -= 1;
  if (phase !== "waiting") {
    // During back-off the slot is free and the execution closed, but the next attempt is still to be called off.
    if (phase !== "job_backoff") state.running -= 1;
    transition.commands.push({ type: "close", job: job.name, execution: job.executionId as string });
  }
  transition.settled.push(job);
}
