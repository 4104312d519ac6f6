import type { Role } from "./roles.ts";

/**
 * What a permission asks for:
 * - a role: at least this one in the project;
 * - `person`: a user, whatever roles it has; it is about the user's own things;
 * - `machine`: a machine token that names the permission. No person reports for an executor or a repository;
 * - `server`: an administrator of the server.
 */
export type Requirement = Role | "person" | "machine" | "server";

/** Every permission with the least that it needs. The authorisation matrix is made from this table. */
export const PERMISSIONS = {
  "projects:read": "viewer",
  "pipelines:read": "viewer",
  "runs:read": "viewer",
  "logs:read": "viewer",
  "artifacts:read": "viewer",
  "environments:read": "viewer",
  "members:read": "viewer",
  "runs:trigger": "developer",
  "runs:cancel": "developer",
  "runs:rerun": "developer",
  "secrets:list": "developer",
  "approvals:decide": "approver",
  "projects:write": "admin",
  "pipelines:write": "admin",
  "environments:write": "admin",
  "members:write": "admin",
  "secrets:write": "admin",
  "tokens:manage": "admin",
  "audit:read": "admin",
  "metrics:read": "admin",
  "tokens:own": "person",
  "executions:report": "machine",
  "webhooks:receive": "machine",
  "users:manage": "server",
  "server:admin": "server",
} as const satisfies Readonly<Record<string, Requirement>>;

export type Permission = keyof typeof PERMISSIONS;

export const ALL_PERMISSIONS: readonly Permission[] = Object.keys(PERMISSIONS).filter(isPermission);

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(PERMISSIONS, text);
}
