import { endCause } from "./end-cause.ts";
import { endJobEarly } from "./job-attempt.ts";
import { endRun } from "./run-lifecycle.ts";
import type { Input } from "./inputs.ts";
import type { Transition } from "./transition.ts";

/** Some time-out ran out; where what it watched is over already, nothing happens. */
export function deadlineReached(transition: Transition, deadline: Extract<Input, { readonly type: "deadline" }>): void {
  const { state } = transition;
  if (deadline.scope === "run") {
    return endRun(transition, endCause("pipeline_timeout", state.definition));
  }
  const job = state.jobs.get(deadline.job);
  if (job === undefined || job.executionId !== deadline.execution) return;
  if (deadline.scope === "job") {
    return endJobEarly(transition, job, { kind: "job_timeout", seconds: job.definition.timeout });
  }
  if (job.phase !== "stepping" || job.step !== deadline.step || job.stepAttempt !== deadline.attempt) return;
  endJobEarly(transition, job, { kind: "step_timeout", seconds: job.definition.steps[job.step]?.timeout ?? 0 });
}
