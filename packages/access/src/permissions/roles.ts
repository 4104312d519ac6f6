/** What a person may be in a project, each with all that those before it may do. */
export const ROLES = ["viewer", "developer", "approver", "admin"] as const;

export type Role = (typeof ROLES)[number];

/** Whether `role` may do what `least` may. No role may nothing. */
export function isAtLeast(role: Role | undefined, least: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least);
}
