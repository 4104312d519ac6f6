import type { FailureCategory } from "@waybill/pipeline";
import type { FailureCause } from "../failures/failure.ts";
import type { RetryRuleName } from "../failures/retry-decision.ts";
import type { JobStatus, Reason, RunStatus } from "../statuses.ts";

/**
 * Why a job is as it is. Field names are the wire's: this is what `waybill why --json` prints; fields are added, never
 * renamed.
 */
export interface JobExplanation {
  readonly run: number;
  readonly run_status: RunStatus;
  /** What made the run begin. */
  readonly trigger: TriggerExplanation;
  readonly job: string;
  /** Null: the job is no part of the run. */
  readonly status: JobStatus | null;
  readonly reason: Reason | null;
  /** All of it in one sentence. */
  readonly summary: string;
  /** What had to be so for the job to run, in the order in which it counts. */
  readonly rules: readonly Rule[];
  readonly attempts: readonly AttemptExplanation[];
  readonly time_outs: TimeOuts;
  /** Of the step that failed last; null: none did. */
  readonly exit: ExitExplanation | null;
  /** What the job's last failure is of; null: it has not failed, or an older version did not keep it. */
  readonly failure: FailureExplanation | null;
  /** Why its last failure was tried again, or not: by the rule of the step that failed, then by that of the job. */
  readonly retries: readonly RetryRuleExplanation[];
  /** What to do next; empty: nothing. */
  readonly remedy: string;
}

export interface TriggerExplanation {
  /** `push`, `tag`, `pull_request`, `cron`, `webhook`, `manual`. */
  readonly event: string;
  /** For example `refs/heads/main`; null: a run of a directory, as all below it. */
  readonly ref: string | null;
  /** The whole name of the commit. */
  readonly sha: string | null;
  /** Who pushed, or asked for it; null: it is not known. */
  readonly actor: string | null;
  /** Which condition let it in, in words. */
  readonly reason: string | null;
  /** The id of the run that it repeats. */
  readonly rerun_of: string | null;
}

export type RuleOutcome =
  | "met"
  | "unmet"
  /** It will be seen. */
  | "waiting"
  /** Never looked at, because of what stands above. */
  | "not_reached";

export type Rule = { readonly outcome: RuleOutcome; readonly text: string } & (
  | { readonly rule: "selection" }
  | { readonly rule: "dependency"; readonly job: string; readonly status: JobStatus | null }
  | { readonly rule: "condition"; readonly condition: string; readonly values: Readonly<Record<string, string>> }
  /** What stands before the job; of one that was let through at once nothing is told. */
  | { readonly rule: "gate"; readonly environment: string | null }
  | { readonly rule: "slot"; readonly running: readonly string[] }
);

/** What a failure is of. All null: nothing failed, or an older version did not keep it. */
export interface FailureKind {
  readonly category: FailureCategory | null;
  readonly cause: FailureCause | null;
  readonly service: string | null;
}

export interface FailureExplanation {
  readonly category: FailureCategory;
  readonly cause: FailureCause;
  /** Host name of the external service it names. */
  readonly service: string | null;
  /** What gave it the category. */
  readonly text: string;
}

export interface RetryRuleExplanation {
  readonly of: "step" | "job";
  readonly name: string;
  readonly rule: RetryRuleName;
  readonly again: boolean;
  readonly text: string;
}

export interface AttemptExplanation extends FailureKind {
  /** From 1. */
  readonly attempt: number;
  /** Where it ran. */
  readonly executor: string;
  /** Why there, in words; empty: not told by the version that ran it. */
  readonly executor_reason: string;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  /** ISO 8601, UTC; null: it has not ended. */
  readonly finished_at: string | null;
  /** Of the step that failed; null: none did, or it did not end by itself. */
  readonly exit_code: number | null;
  readonly steps: readonly StepExplanation[];
  /** Why the whole job was tried again; null: it was not. */
  readonly retry: RetryExplanation | null;
  readonly retry_rule: RetryRuleName | null;
}

export interface StepExplanation extends FailureKind {
  readonly step: string;
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  /** ISO 8601, UTC; null: it has not ended. */
  readonly finished_at: string | null;
  /** Null: it has not ended. */
  readonly status: "success" | "failed" | "cancelled" | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly reason: Reason | null;
  readonly duration_ms: number | null;
  readonly retry: RetryExplanation | null;
  /** Null: it did not fail, or an older version did not keep it. */
  readonly retry_rule: RetryRuleName | null;
}

export interface RetryExplanation {
  readonly reason: Reason;
  readonly message: string;
  /** From the failure to the next attempt, the time for which its service was left alone included. */
  readonly delay_ms: number;
  /** When the next attempt is due: ISO 8601, UTC. */
  readonly due_at: string;
}

/** All in seconds. */
export interface TimeOuts {
  readonly pipeline: number;
  readonly job: number;
  readonly steps: Readonly<Record<string, number>>;
  /** The one that ended the job. */
  readonly ran_out: "step" | "job" | "pipeline" | null;
}

export interface ExitExplanation {
  readonly step: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly meaning: string;
}
