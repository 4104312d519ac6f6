import {
  authorize,
  isInProject,
  PERMISSIONS,
  projectsWhere,
  ROLES,
  type Authenticator,
  type Caller,
  type Permission,
  type Principal,
} from "@waybill/access";
import { WaybillError } from "@waybill/core";
import type { SubjectKind } from "../http/access.ts";
import type { Guard, Route, RouteRequest } from "../http/route.ts";
import { findProjectId, type SubjectSources } from "./find-project.ts";

/**
 * Asks of every request who makes it and whether they may.
 *
 * - 401: nobody, or a token that is no good.
 * - 403: a token that does not name the permission, whatever there is; somebody of the project whose role does not have it.
 * - 404: what is in a project that the caller is not of, as if there were no such thing.
 */
export function createGuard(authenticator: Authenticator, sources: SubjectSources): Guard {
  return {
    async identify({ access }, method, headers, isNew = true) {
      if (access === null) return null;
      const caller = await authenticator.identify({
        method,
        authorization: headerText(headers["authorization"]),
        cookie: headerText(headers["cookie"]),
        csrfToken: headerText(headers["x-csrf-token"]),
        isNew,
      });
      if (caller === null) throw new WaybillError("AUTH_REQUIRED", {});
      const { permission } = access;
      const named = caller.principal.permissions;
      if (permission !== null && named !== null && !named.has(permission)) {
        throw new WaybillError("ACCESS_DENIED", { permission });
      }
      return caller;
    },
    async authorise(route, request) {
      const { access } = route;
      if (access === null || request.caller === null) return new Set();
      const { principal } = request.caller;
      const { permission, on } = access;
      if (permission === null) return new Set(principal.roles.keys());
      if (on === "server") {
        authorize(principal, permission, null);
      } else if (on !== "projects") {
        const subject = subjectOf(route, request);
        if (subject !== null) authorize(principal, permission, await visibleProject(sources, principal, on, subject));
      }
      const projects = projectsWhere(principal, permission);
      // What is not a matter of roles is nobody's who has it nowhere: no list, though an empty one.
      if (projects !== "all" && projects.size === 0 && !isOfRoles(permission)) authorize(principal, permission, null);
      return projects;
    },
  };
}

function isOfRoles(permission: Permission): boolean {
  const least: string = PERMISSIONS[permission];
  return ROLES.some((role) => role === least);
}

/** @returns null: none in particular */
function subjectOf(route: Route, request: Omit<RouteRequest<unknown, unknown, unknown>, "projects">): string | null {
  if (route.subject !== undefined) return route.subject(request);
  const { id } = request.params as { readonly id?: unknown };
  if (typeof id !== "string") throw new Error(`${route.id} does not say what its permission is asked for`);
  return id;
}

/**
 * @returns the project of a thing; null: of none, as that of a run of a directory
 * @throws WaybillError `API_NOT_FOUND` where there is none, or none that the caller may know of
 */
async function visibleProject(
  sources: SubjectSources,
  principal: Principal,
  on: Exclude<SubjectKind, "server" | "projects">,
  id: string,
): Promise<string | null> {
  const projectId = await findProjectId(sources, on, id);
  const isServers = principal.isServerAdmin && principal.projectIds === null;
  const isVisible = typeof projectId === "string" ? isInProject(principal, projectId) : isServers;
  if (projectId === undefined || !isVisible) throw new WaybillError("API_NOT_FOUND", { kind: on, id });
  return projectId;
}

function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.join("; ");
}

/** Who makes a request of a route that needs somebody. */
export function callerOf({ caller }: Pick<RouteRequest<unknown, unknown, unknown>, "caller">): Caller {
  if (caller === null) throw new WaybillError("AUTH_REQUIRED", {});
  return caller;
}

export function principalOf(request: Pick<RouteRequest<unknown, unknown, unknown>, "caller">): Principal {
  return callerOf(request).principal;
}

/** For a query of a store. */
export function projectIdsOf({
  projects,
}: Pick<RouteRequest<unknown, unknown, unknown>, "projects">): readonly string[] | undefined {
  return projects === "all" ? undefined : [...projects];
}
