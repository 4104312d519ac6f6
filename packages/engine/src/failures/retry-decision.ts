import type { RetryCondition, RetryRule } from "@waybill/pipeline";
import type { Failure } from "./failure.ts";

/** No attempt is added once so much time has passed since the first failure of a job. */
export const RETRY_BUDGET_MS = 30 * 60_000;

/** The rule that decided whether something is tried again. They stand in events: their meaning never changes. */
export type RetryVerdict =
  | { readonly again: true; readonly rule: "named" | "any_failure" }
  | {
      readonly again: false;
      readonly rule:
        /** The file asks for no other attempt. */
        | "no_retries"
        | "attempts_used"
        | "budget_used"
        | "not_named"
        | "timed_out"
        | "configuration"
        /** A second lack of memory: a third attempt would have no more. */
        | "out_of_memory"
        /** The run is being ended. */
        | "run_ending";
    };

export const RETRY_RULES = [
  ...["named", "any_failure", "no_retries", "attempts_used", "budget_used", "not_named", "timed_out"],
  ...["configuration", "out_of_memory", "run_ending"],
] as const;

export type RetryRuleName = (typeof RETRY_RULES)[number];

export interface RetryQuestion {
  readonly rule: RetryRule;
  /** Attempts begun under this rule, the failed one included. */
  readonly attempts: number;
  readonly failure: Failure;
  /** Null: no step ended by itself with one. */
  readonly exitCode: number | null;
  /** How often a step of the job has run out of memory, this time included. */
  readonly outOfMemoryCount: number;
  /** Since the first failure of the job that was followed by another attempt; null: there was none. */
  readonly sinceFirstFailureMs: number | null;
  readonly runIsEnding: boolean;
}

/** Whether a failed attempt is followed by another one. The first rule that says no decides. */
export function decideRetry(question: RetryQuestion): RetryVerdict {
  const { rule, attempts, failure, runIsEnding, sinceFirstFailureMs, outOfMemoryCount } = question;
  if (runIsEnding) return { again: false, rule: "run_ending" };
  if (rule.max === 0) return { again: false, rule: "no_retries" };
  if (rule.when === null) {
    if (failure.cause === "timed_out") return { again: false, rule: "timed_out" };
    if (failure.category === "configuration_errors") return { again: false, rule: "configuration" };
  } else if (!rule.when.some((condition) => names(condition, question))) {
    return { again: false, rule: "not_named" };
  }
  if (attempts > rule.max) return { again: false, rule: "attempts_used" };
  if (sinceFirstFailureMs !== null && sinceFirstFailureMs >= RETRY_BUDGET_MS) {
    return { again: false, rule: "budget_used" };
  }
  const isNamed = rule.when?.includes("resource_exhaustion") === true;
  if (failure.cause === "out_of_memory" && outOfMemoryCount > 1 && !isNamed) {
    return { again: false, rule: "out_of_memory" };
  }
  return { again: true, rule: rule.when === null ? "any_failure" : "named" };
}

/** Whether a rule says anything of time-outs: whoever is stopped by one may then go on. */
export function retriesTimeOuts({ max, when }: RetryRule): boolean {
  return max > 0 && when?.includes("timeout") === true;
}

/** A time-out is named by its own word alone: neither its exit code nor its category is the program's. */
function names(condition: RetryCondition, { failure, exitCode }: RetryQuestion): boolean {
  if (failure.cause === "timed_out") return condition === "timeout";
  if (typeof condition === "string") return condition === failure.category;
  return exitCode !== null && condition.from <= exitCode && exitCode <= condition.to;
}
