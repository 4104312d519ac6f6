import type { Approval, Me } from "../../api/generated/operations.ts";
import { allowance } from "../../session/may.ts";

/** Why somebody may not; null: they may. */
export interface MayDecide {
  readonly approve: string | null;
  readonly reject: string | null;
}

/**
 * As the server decides it (packages/access), so that what waits for somebody comes first, and what does not says why.
 *
 * @param nameOf of a user's id, for people
 */
export function mayDecide(approval: Approval, me: Me | undefined, nameOf: (userId: string) => string): MayDecide {
  const may = allowance(me, "approve", approval.project_id);
  if (!may.isAllowed || me === undefined) {
    const reason = may.isAllowed ? "You are not signed in." : may.reason;
    return { approve: reason, reject: reason };
  }
  if (me.kind !== "user") return both("Only a person may decide.");
  if (approval.decisions.some(({ actor }) => actor === me.actor)) return both("You have decided already.");
  return { approve: approveReason(approval, me, nameOf), reject: null };
}

function both(reason: string): MayDecide {
  return { approve: reason, reject: reason };
}

function approveReason(approval: Approval, me: Me, nameOf: (userId: string) => string): string | null {
  const { approver_ids: approvers, author_ids: authors, may_author_approve: mayAuthor, environment } = approval;
  if (!mayAuthor && authors.includes(me.id)) return "It is your own change: somebody else has to approve it.";
  if (approvers.length === 0 || approvers.includes(me.id)) return null;
  return `For ${environment} approve: ${approvers.map(nameOf).join(", ")}. You may still reject it.`;
}
