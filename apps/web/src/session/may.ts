import { OPERATIONS, PERMISSIONS, type Me } from "../api/generated/operations.ts";
import type { OperationId } from "../api/client.ts";

/** Whether somebody may do something; where not, why, in words for a tooltip. */
export type Allowance = { readonly isAllowed: true } | { readonly isAllowed: false; readonly reason: string };

const ROLES: readonly string[] = ["viewer", "developer", "approver", "admin"];
const ALLOWED: Allowance = { isAllowed: true };

/**
 * As the server decides it (packages/access), so that what one may not do is shown with the reason. The server decides
 * again whatever is said here.
 *
 * @param projectId null: it is about no project, or about a run that belongs to none
 */
export function allowance(me: Me | undefined, operation: OperationId, projectId: string | null): Allowance {
  const permission: string | null = OPERATIONS[operation][2];
  if (permission === null) return ALLOWED;
  if (me === undefined) return { isAllowed: false, reason: "You are not signed in." };
  if (me.permissions !== null && !me.permissions.includes(permission)) {
    return { isAllowed: false, reason: `Your token does not have the permission ${permission}.` };
  }
  const least = PERMISSIONS[permission];
  if (least === "person") return ALLOWED;
  if (me.server_admin && least !== "machine") return ALLOWED;
  if (least === undefined || !ROLES.includes(least))
    return { isAllowed: false, reason: "Only an administrator of the server may do this." };
  if (projectId === null) return { isAllowed: false, reason: "Only an administrator of the server may do this." };
  const role = me.roles[projectId];
  if (role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least)) return ALLOWED;
  const own = role === undefined ? "have no role" : `are ${article(role)}`;
  return { isAllowed: false, reason: `This needs the role ${least} in the project; you ${own} there.` };
}

function article(role: string): string {
  return /^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`;
}
