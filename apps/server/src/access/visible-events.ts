import { projectsWhere, type Permission, type Principal } from "@waybill/access";
import type { ServerEventKind } from "@waybill/core";

/** What somebody needs in a project to be told of what happens there: what they need to read the thing itself. */
export const EVENT_PERMISSIONS: Readonly<Record<ServerEventKind, Permission>> = {
  "project.created": "projects:read",
  "project.changed": "projects:read",
  "project.removed": "projects:read",
  "pipeline.created": "pipelines:read",
  "pipeline.changed": "pipelines:read",
  "pipeline.removed": "pipelines:read",
  "delivery.received": "runs:read",
  "delivery.interpreted": "runs:read",
  "delivery.refused": "runs:read",
  "approval.requested": "runs:read",
  "approval.decided": "runs:read",
  "approval.expired": "runs:read",
  "artifact.stored": "artifacts:read",
  "artifact.removed": "artifacts:read",
  "artifact.quarantined": "artifacts:read",
  "environment.changed": "environments:read",
  "secret.changed": "secrets:list",
  "member.changed": "members:read",
};

/** Of a kind that a newer server has stored. */
const OF_UNKNOWN: Permission = "server:admin";

/** Whether events of a kind, `run` for all those of runs, may be seen in a project; null: it is of none, and for those who may see all projects. */
export type EventFilter = (kind: string, projectId: string | null) => boolean;

/** What somebody may see of all that happens, by what they are now. */
export function visibleEvents(principal: Principal): EventFilter {
  const known = new Map<Permission, ReadonlySet<string> | "all">();
  const projectsOf = (permission: Permission): ReadonlySet<string> | "all" => {
    const projects = known.get(permission) ?? projectsWhere(principal, permission);
    known.set(permission, projects);
    return projects;
  };
  return (kind, projectId) => {
    const projects = projectsOf(kind === "run" ? "runs:read" : permissionOf(kind));
    return projects === "all" || (projectId !== null && projects.has(projectId));
  };
}

function permissionOf(kind: string): Permission {
  return Object.hasOwn(EVENT_PERMISSIONS, kind) ? EVENT_PERMISSIONS[kind as ServerEventKind] : OF_UNKNOWN;
}
