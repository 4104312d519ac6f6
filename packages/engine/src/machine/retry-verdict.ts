import type { RetryRule } from "@waybill/pipeline";
import { exitCodeOf } from "../explanation/exit-codes.ts";
import { decideRetry, type RetryVerdict } from "../failures/retry-decision.ts";
import type { AttemptFailure } from "./attempt-failure.ts";
import type { JobState } from "./run-state.ts";
import type { Transition } from "./transition.ts";

/**
 * @param rule - of the step or of the job
 * @param attempts - begun under that rule, the failed one included
 */
export function retryVerdict(
  { state, now, services }: Transition,
  job: JobState,
  rule: RetryRule,
  attempts: number,
  { failure, exitCode, signal }: AttemptFailure,
): RetryVerdict {
  if (services.mayTryAgain?.(job) === false) return { again: false, rule: "no_retries" };
  return decideRetry({
    rule,
    attempts,
    failure,
    exitCode: exitCodeOf(exitCode, signal),
    outOfMemoryCount: job.outOfMemoryCount,
    sinceFirstFailureMs: job.firstFailureAt === null ? null : now - job.firstFailureAt,
    runIsEnding: state.ending !== null,
  });
}
