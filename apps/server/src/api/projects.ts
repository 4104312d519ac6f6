import type { Project } from "@waybill/projects";
import * as z from "zod/mini";
import { projectIdsOf } from "../access/guard.ts";
import { auditEntry } from "../access/audit-entry.ts";
import { defineRoute, type Route } from "../http/route.ts";
import { found, projectOf } from "./records.ts";
import { idParams, name, named, pageOf, pageQuery, time, timeOf } from "./schemas.ts";

const project = named("Project", z.object({ id: z.uuid(), name: z.string(), created_at: time, updated_at: time }));
type ProjectJson = z.infer<typeof project>;

export const projectRoutes: readonly Route[] = [
  defineRoute({
    id: "createProject",
    method: "POST",
    path: "/v1/projects",
    summary: "Create a project",
    tag: "projects",
    access: { permission: "projects:write", on: "server" },
    isRepeatable: true,
    body: z.strictObject({ name }),
    responses: { 201: { description: "It was created", schema: project } },
    async handle(request, services) {
      const { body } = request;
      const { records, clock, ids } = services;
      const now = clock.now();
      const created: Project = { id: ids.next(), name: body.name, createdAt: now, updatedAt: now };
      const context = { name: created.name };
      const entry = { action: "PROJECT_CREATED", resource: `project:${created.id}`, projectId: created.id } as const;
      await records.projects.create(created, auditEntry(services, request, { ...entry, context }));
      return { status: 201, body: projectJson(created), headers: { location: `/v1/projects/${created.id}` } };
    },
  }),
  defineRoute({
    id: "listProjects",
    method: "GET",
    path: "/v1/projects",
    summary: "List projects in the order they were made",
    tag: "projects",
    access: { permission: "projects:read", on: "projects" },
    query: pageQuery,
    responses: { 200: { description: "A page of them", schema: pageOf(project) } },
    async handle(request, { records }) {
      const { limit, cursor = null } = request.query;
      const projectIds = projectIdsOf(request);
      const page = await records.projects.page({ after: cursor, limit: limit + 1, projectIds });
      const items = page.slice(0, limit);
      const next = page.length > limit ? (items.at(-1)?.id ?? null) : null;
      return { status: 200, body: { items: items.map(projectJson), next_cursor: next } };
    },
  }),
  defineRoute({
    id: "getProject",
    method: "GET",
    path: "/v1/projects/{id}",
    summary: "One project",
    tag: "projects",
    access: { permission: "projects:read", on: "project" },
    params: idParams,
    responses: { 200: { description: "The project", schema: project } },
    async handle({ params }, services) {
      return { status: 200, body: projectJson(await projectOf(services, params.id)) };
    },
  }),
  defineRoute({
    id: "changeProject",
    method: "PATCH",
    path: "/v1/projects/{id}",
    summary: "Rename a project",
    tag: "projects",
    access: { permission: "projects:write", on: "project" },
    params: idParams,
    body: z.strictObject({ name }),
    responses: { 200: { description: "As it is now", schema: project } },
    async handle(request, services) {
      const { params, body } = request;
      const { records, clock } = services;
      const { id } = await projectOf(services, params.id);
      const context = { name: body.name };
      const resource = `project:${id}`;
      const entry = auditEntry(services, request, { action: "PROJECT_CHANGED", resource, projectId: id, context });
      const changed = found(await records.projects.rename(id, body.name, clock.now(), entry), "project", id);
      return { status: 200, body: projectJson(changed) };
    },
  }),
  defineRoute({
    id: "removeProject",
    method: "DELETE",
    path: "/v1/projects/{id}",
    summary: "Remove a project that has no pipelines",
    tag: "projects",
    access: { permission: "projects:write", on: "project" },
    params: idParams,
    responses: { 204: { description: "It is gone", schema: null } },
    async handle(request, services) {
      const { id, name: removed } = await projectOf(services, request.params.id);
      const context = { name: removed };
      const resource = `project:${id}`;
      const entry = auditEntry(services, request, { action: "PROJECT_REMOVED", resource, projectId: null, context });
      await services.records.projects.remove(id, entry);
      return { status: 204, body: undefined };
    },
  }),
];

function projectJson({ id, name: projectName, createdAt, updatedAt }: Project): ProjectJson {
  return { id, name: projectName, created_at: timeOf(createdAt), updated_at: timeOf(updatedAt) };
}
