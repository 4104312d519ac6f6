import { WaybillError } from "@waybill/core";
import { PERMISSIONS, type Permission } from "./permissions.ts";
import type { Principal } from "./principal.ts";
import { isAtLeast, type Role } from "./roles.ts";

/**
 * Whether somebody may do something in a project, or where it is about none (null) on the server as a whole: there a
 * permission that needs a role is an administrator's of the server. Making a project is `projects:write` on none.
 */
export function may(principal: Principal, permission: Permission, projectId: string | null): boolean {
  if (principal.permissions !== null && !principal.permissions.has(permission)) return false;
  if (principal.projectIds !== null && (projectId === null || !principal.projectIds.has(projectId))) {
    // A token for some projects is none for the server, but remains its owner's.
    if (PERMISSIONS[permission] !== "person") return false;
  }
  const least = PERMISSIONS[permission];
  switch (least) {
    case "person":
      return principal.kind === "user";
    case "machine":
      return principal.kind === "system" || (principal.kind === "machine" && principal.permissions !== null);
    case "server":
      return principal.isServerAdmin;
    default:
      return principal.isServerAdmin || hasRole(principal, least, projectId);
  }
}

function hasRole(principal: Principal, least: Role, projectId: string | null): boolean {
  return projectId !== null && isAtLeast(principal.roles.get(projectId), least);
}

/** @throws WaybillError `AUTH_REQUIRED` where nobody is signed in, `ACCESS_DENIED` */
export function authorize(principal: Principal | null, permission: Permission, projectId: string | null): Principal {
  if (principal === null) throw new WaybillError("AUTH_REQUIRED", {});
  if (!may(principal, permission, projectId)) throw new WaybillError("ACCESS_DENIED", { permission });
  return principal;
}

/** The projects in which somebody may do something, for lists over several of them; `all`: every one there is. */
export function projectsWhere(principal: Principal, permission: Permission): ReadonlySet<string> | "all" {
  if (principal.isServerAdmin && principal.projectIds === null && may(principal, permission, null)) return "all";
  const known = principal.projectIds ?? new Set(principal.roles.keys());
  return new Set([...known].filter((projectId) => may(principal, permission, projectId)));
}

/** Whether somebody is of a project at all, so that what there is in it may be known. */
export function isInProject({ isServerAdmin, roles, projectIds }: Principal, projectId: string): boolean {
  return (projectIds === null || projectIds.has(projectId)) && (isServerAdmin || roles.has(projectId));
}
