import type { Failure } from "../failures/failure.ts";
import type { JobState } from "./run-state.ts";
import type { Transition } from "./transition.ts";

/** Keeps in mind what the attempt failed of that is going to be repeated, and since when the job fails. */
export function rememberService({ now }: Transition, job: JobState, { service, cause }: Failure): void {
  job.firstFailureAt ??= now;
  // A call that was refused asks for itself again: with its leave taken already, it would be refused for ever.
  const isOurs = service === null || cause === "left_alone";
  job.failedService = isOurs ? null : { name: service, step: job.step };
}

/** A step has succeeded: where the service was needed, it has answered. */
export function stepPassed({ services }: Transition, job: JobState, step: number): void {
  if (!job.probing || job.failedService === null || step < job.failedService.step) return;
  services.health.answered(job.id);
  job.probing = false;
}

/** The job has ended, or tries something else: its place among the probes is free. */
export function leaveService({ services }: Transition, job: JobState): void {
  if (job.probing) services.health.left(job.id);
  job.probing = false;
}
