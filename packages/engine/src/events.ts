import type { FailureCategory } from "@waybill/pipeline";
import type { FailureCause } from "./failures/failure.ts";
import type { RetryRuleName } from "./failures/retry-decision.ts";
import type { JobStatus, Reason, RunStatus, StepStatus } from "./statuses.ts";

/** What a failure is of, and why it is tried again or not. Older events do not have it. */
export interface FailureFields {
  readonly category?: FailureCategory | undefined;
  /** What gave it the category. */
  readonly cause?: FailureCause | undefined;
  /** Host name of the external service it names; null: none. */
  readonly service?: string | null | undefined;
  /** The rule that decided whether there is another attempt. */
  readonly retry_rule?: RetryRuleName | undefined;
}

/**
 * What happened in a run. Stored in the transaction of the state change it tells of, never updated.
 * Field names are the wire's: this is what `waybill run --json` prints and what the events table keeps.
 */
export type RunEvent =
  | {
      readonly type: "run.started";
      readonly pipeline: string;
      readonly number: number;
      readonly jobs: readonly string[];
    }
  /** Another process carries the run on after the first one died. */
  | {
      readonly type: "run.resumed";
      readonly pipeline: string;
      readonly number: number;
      /** Those that have not settled. */
      readonly jobs: readonly string[];
    }
  /** The job is due and may not begin yet. Told again where what it waits for has become something else. */
  | {
      readonly type: "job.held";
      readonly job: string;
      readonly message: string;
      /** What somebody can do about it. */
      readonly remedy: string;
    }
  /** A job that was held may begin. */
  | { readonly type: "job.released"; readonly job: string; readonly message: string }
  | {
      readonly type: "job.started";
      readonly job: string;
      readonly attempt: number;
      readonly executor: string;
      /** Why this executor, in words; runs of earlier versions have none. */
      readonly executor_reason?: string | undefined;
    }
  | ({
      readonly type: "job.retry";
      readonly job: string;
      /** The step that is tried again; null: the whole job is, in a fresh workspace. */
      readonly step: string | null;
      /** The attempt that failed, from 1. */
      readonly attempt: number;
      readonly reason: Reason;
      readonly message: string;
      readonly delay_ms: number;
      /** The same attempt is put off once more: its service failed too often and is left alone. */
      readonly held?: boolean | undefined;
    } & FailureFields)
  | { readonly type: "step.started"; readonly job: string; readonly step: string; readonly attempt: number }
  | ({
      readonly type: "step.finished";
      readonly job: string;
      readonly step: string;
      readonly attempt: number;
      readonly status: Extract<StepStatus, "success" | "failed" | "cancelled">;
      /** Null: ended by a signal or never started. */
      readonly exit_code: number | null;
      readonly signal: string | null;
      readonly reason: Reason | null;
      readonly duration_ms: number;
    } & FailureFields)
  | ({
      readonly type: "job.finished";
      readonly job: string;
      readonly status: Extract<JobStatus, "success" | "failed" | "cancelled">;
      readonly reason: Reason | null;
      /** The reason in words, with names and numbers; empty after success. */
      readonly message: string;
      readonly attempts: number;
      readonly duration_ms: number;
      /** What somebody can do about it, where what stood before the job says so. */
      readonly remedy?: string | undefined;
    } & FailureFields)
  | {
      readonly type: "run.finished";
      readonly status: Extract<RunStatus, "success" | "failed" | "cancelled">;
      readonly reason: Reason | null;
      readonly duration_ms: number;
      readonly jobs: Readonly<Record<string, JobResult>>;
    };

export interface JobResult {
  readonly status: Extract<JobStatus, "success" | "failed" | "cancelled">;
  readonly reason: Reason | null;
  readonly message: string;
  readonly attempts: number;
  readonly duration_ms: number;
}

/** A line a step printed. Kept in the log store, not in the events table. */
export interface OutputLine {
  readonly job: string;
  readonly step: string;
  readonly attempt: number;
  readonly stream: "stdout" | "stderr" | "system";
  /** Without its line break; invalid UTF-8 replaced. */
  readonly line: string;
}
