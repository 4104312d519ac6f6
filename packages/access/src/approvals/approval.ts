import { WaybillError } from "@waybill/core";

export const APPROVAL_STATUSES = ["pending", "approved", "rejected", "cancelled", "expired"] as const;

/** All but `pending` are for ever. */
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const APPROVAL_KINDS = ["deployment", "fork_run", "job"] as const;

/** What waits: a deployment, the run of a fork's pull request that wants secrets, or a job. */
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

export interface ApprovalDecision {
  readonly userId: string;
  /** As the audit log names the person. */
  readonly actorId: string;
  readonly verdict: "approve" | "reject";
  readonly comment: string;
  readonly decidedAt: number;
}

export interface ApprovalRecord {
  readonly id: string;
  readonly projectId: string;
  readonly runId: string;
  readonly kind: ApprovalKind;
  /** What of the run waits: the name of the deployment or job; empty for the run itself. */
  readonly subject: string;
  readonly environment: string;
  /** What exactly is approved: a commit, or the digest of what is shipped. */
  readonly digest: string;
  /** Users whose change it is: who pushed, who started the run. */
  readonly authorIds: readonly string[];
  /** How many people have to approve, 1 to 10. */
  readonly required: number;
  /** The only users who may approve; empty: whoever may in the project. All who may there may reject. */
  readonly approverIds: readonly string[];
  /** Whether one of the authors may approve; all may reject. */
  readonly mayAuthorApprove: boolean;
  readonly status: ApprovalStatus;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly expiresAt: number | null;
  readonly settledAt: number | null;
  /** In the order they were made, one of each person. */
  readonly decisions: readonly ApprovalDecision[];
  /** Grows with each change. */
  readonly version: number;
}

export const MAX_REQUIRED = 10;
export const MAX_COMMENT = 2000;

/** Where an approval is after a person has decided. Reject ends it at once; approvals are counted. */
export function decide(approval: ApprovalRecord, decision: ApprovalDecision): ApprovalRecord {
  assertPending(approval, decision.decidedAt);
  if (approval.decisions.some(({ userId }) => userId === decision.userId)) {
    throw new WaybillError("APPROVAL_NOT_YOURS", { detail: "you have decided already" });
  }
  if (decision.verdict === "approve" && !approval.mayAuthorApprove && approval.authorIds.includes(decision.userId)) {
    throw new WaybillError("APPROVAL_NOT_YOURS", { detail: "it is your own change" });
  }
  const { approverIds } = approval;
  if (decision.verdict === "approve" && approverIds.length > 0 && !approverIds.includes(decision.userId)) {
    throw new WaybillError("APPROVAL_NOT_YOURS", { detail: `${approval.environment} has other approvers` });
  }
  const decisions = [...approval.decisions, decision];
  const approvals = decisions.filter(({ verdict }) => verdict === "approve").length;
  const status =
    decision.verdict === "reject" ? "rejected" : approvals >= approval.required ? "approved" : approval.status;
  return settle({ ...approval, decisions }, status, decision.decidedAt);
}

/** Where it is when nobody needs it any more: its run has ended. */
export function cancel(approval: ApprovalRecord, at: number): ApprovalRecord {
  assertPending(approval, at);
  return settle(approval, "cancelled", at);
}

/** Where it is when its end has come; unchanged before that. */
export function expire(approval: ApprovalRecord, now: number): ApprovalRecord {
  return approval.status === "pending" && isDue(approval, now) ? settle(approval, "expired", now) : approval;
}

export function isDue(approval: ApprovalRecord, now: number): boolean {
  return approval.expiresAt !== null && approval.expiresAt <= now;
}

/** One whose end has come is over, whether or not somebody has written it down. */
function assertPending(approval: ApprovalRecord, now: number): void {
  const { status } = expire(approval, now);
  if (status !== "pending") throw new WaybillError("APPROVAL_CLOSED", { approval: approval.id, status });
}

function settle(approval: ApprovalRecord, status: ApprovalStatus, at: number): ApprovalRecord {
  return { ...approval, status, settledAt: status === "pending" ? null : at, version: approval.version + 1 };
}
