import { isSettled } from "../statuses.ts";
import { attemptStopped } from "./job-attempt.ts";
import type { EndCause } from "./run-state.ts";
import type { Transition } from "./transition.ts";

/**
 * Ends a run whose process died, all of it in this one transition: nobody waits for what may still run, which is cleared
 * away right after.
 */
export function abandonRun(transition: Transition, cause: EndCause): void {
  const { state } = transition;
  state.ending ??= cause;
  for (const job of state.jobs.values()) {
    if (isSettled(job.status)) continue;
    attemptStopped(transition, job, job.stopping ?? { kind: "run_ending", cause: state.ending });
  }
}
