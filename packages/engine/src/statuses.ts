/** Statuses and reasons as they appear on the wire, in SQL and in files. */
export type JobStatus = "pending" | "running" | "success" | "failed" | "cancelled" | "retry";
export type RunStatus = "pending" | "running" | "success" | "failed" | "cancelled";
export type StepStatus = "pending" | "running" | "success" | "failed" | "cancelled";

/** Why a job failed. */
export type FailureReason =
  | "step_failed"
  | "step_timeout"
  | "job_timeout"
  | "pipeline_timeout"
  | "setup_failed"
  | "artifacts_failed"
  | "outputs_invalid"
  | "log_failed"
  | "condition_error"
  | "execution_lost";

/** Why a job was cancelled, before or while it ran. */
export type CancelReason =
  | "dependency_failed"
  | "condition_false"
  | "superseded"
  | "user"
  | "pipeline_timeout"
  /** What stands before the job does not let it run. */
  | "refused";

/** Why a job that is due has not begun: what stands before it has it wait. The only reason of a `pending` job. */
export type HoldReason = "held";

export type Reason = FailureReason | CancelReason | HoldReason;

/** The only changes of a job's status there are. RETRY -> CANCELLED: a run may be cancelled during back-off. */
const JOB_TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  pending: ["running", "cancelled"],
  running: ["success", "failed", "cancelled", "retry"],
  retry: ["running", "failed", "cancelled"],
  success: [],
  failed: [],
  cancelled: [],
};

export function canTransition(from: JobStatus, to: JobStatus): boolean {
  return JOB_TRANSITIONS[from].includes(to);
}

/** Settled: nothing will change any more. */
export function isSettled(status: JobStatus | RunStatus): boolean {
  return status === "success" || status === "failed" || status === "cancelled";
}
