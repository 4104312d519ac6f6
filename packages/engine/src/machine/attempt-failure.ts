import { classifyEngineFailure } from "../failures/classify-failure.ts";
import type { Failure } from "../failures/failure.ts";
import type { FailureReason } from "../statuses.ts";
import type { JobState } from "./run-state.ts";
import type { Transition } from "./transition.ts";

/** How an attempt of a step or job failed: all that the rules on retries ask for. */
export interface AttemptFailure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly failure: Failure;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Milliseconds for which the service it failed of is left alone; 0: it is not. */
  readonly holdMs: number;
}

/** @param known what it is of, where that was told; else the reason and the message tell */
export function engineFailure(
  transition: Transition,
  job: JobState,
  reason: Exclude<FailureReason, "step_failed">,
  message: string,
  known?: Failure,
): AttemptFailure {
  const failure = known ?? classifyEngineFailure(reason, message);
  return { reason, message, failure, exitCode: null, signal: null, holdMs: countFailure(transition, job, failure) };
}

/** Lets the breaker of the service that a failure names know of it. @returns `holdMs` */
export function countFailure({ services }: Transition, job: JobState, { service, cause }: Failure): number {
  // A probe that failed is over: the failure itself is what counts.
  if (job.probing) services.health.left(job.id);
  job.probing = false;
  if (service === null) return 0;
  // To be refused a call is no failure of the service: counted, it would never be tried again.
  return cause === "left_alone" ? services.health.waitMs(service) : services.health.failed(service);
}

/** The message of a retry says what it waits for, where that is not its own pause. */
export function heldMessage({ message, failure, holdMs }: AttemptFailure): string {
  return holdMs === 0 ? message : `${message}; ${leftAlone(failure.service)}`;
}

export function leftAlone(service: string | null): string {
  return `${service} failed too often and is left alone for a while`;
}
