import type { Pipeline, Repository } from "@waybill/projects";
import * as z from "zod/mini";
import { projectIdsOf } from "../access/guard.ts";
import { auditEntry } from "../access/audit-entry.ts";
import { defineRoute, type Route } from "../http/route.ts";
import type { Services } from "../services.ts";
import { found, pipelineOf, projectOf } from "./records.ts";
import { idParams, name, named, pageOf, pageQuery, time, timeOf } from "./schemas.ts";

const pipeline = named(
  "Pipeline",
  z.object({
    id: z.uuid(),
    project_id: z.uuid(),
    repository_id: z.uuid(),
    repository_url: z.string(),
    default_branch: z.string(),
    name: z.string(),
    config_path: z.string(),
    created_at: time,
  }),
);
type PipelineJson = z.infer<typeof pipeline>;

/** A path in a repository: relative, and nowhere else. */
const configPath = z
  .string()
  .check(z.minLength(1), z.maxLength(500), z.regex(/^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\0]+$/, "a relative path"));
const branch = z
  .string()
  .check(z.minLength(1), z.maxLength(250), z.regex(/^(?!.*\.\.)[A-Za-z0-9_][\w./+-]*$/, "the name of a branch"));

export const pipelineRoutes: readonly Route[] = [
  defineRoute({
    id: "createPipeline",
    method: "POST",
    path: "/v1/pipelines",
    summary: "Create a pipeline of a repository and the path of a pipeline file in it",
    tag: "pipelines",
    access: { permission: "pipelines:write", on: "project" },
    isRepeatable: true,
    subject: ({ body }) => body.project_id,
    body: z.strictObject({
      project_id: z.uuid(),
      name,
      repository_url: z.string().check(z.maxLength(2048)),
      default_branch: z.prefault(branch, "main"),
      config_path: z.prefault(configPath, "waybill.yaml"),
    }),
    responses: { 201: { description: "It was created", schema: pipeline } },
    async handle(request, services) {
      const { body } = request;
      const { records, mirrors, clock, ids } = services;
      const project = await projectOf(services, body.project_id);
      // What Git would not take is refused here, and one address is kept in one form.
      const url = mirrors.address(body.repository_url);
      const createdAt = clock.now();
      const ofProject = { projectId: project.id, createdAt };
      const created = { id: ids.next(), ...ofProject, name: body.name, configPath: body.config_path };
      const context = { name: created.name, repository: url, config_path: created.configPath };
      const entry = { action: "PIPELINE_CREATED", resource: `pipeline:${created.id}`, projectId: project.id } as const;
      const repository = await records.pipelines.createWithRepository(
        created,
        { id: ids.next(), ...ofProject, url, defaultBranch: body.default_branch },
        auditEntry(services, request, { ...entry, context }),
      );
      const headers = { location: `/v1/pipelines/${created.id}` };
      return { status: 201, body: pipelineJson({ ...created, repositoryId: repository.id }, repository), headers };
    },
  }),
  defineRoute({
    id: "listPipelines",
    method: "GET",
    path: "/v1/pipelines",
    summary: "List pipelines in the order they were made",
    tag: "pipelines",
    access: { permission: "pipelines:read", on: "project" },
    subject: ({ query }) => query.project_id ?? null,
    query: z.extend(pageQuery, { project_id: z.optional(z.uuid()) }),
    responses: { 200: { description: "A page of them", schema: pageOf(pipeline) } },
    async handle(request, services) {
      const { limit, cursor = null, project_id = null } = request.query;
      const projectIds = projectIdsOf(request);
      const page = await services.records.pipelines.page(project_id, { after: cursor, limit: limit + 1, projectIds });
      const items = page.slice(0, limit);
      const next = page.length > limit ? (items.at(-1)?.id ?? null) : null;
      const bodies = await Promise.all(items.map((item) => withRepository(services, item)));
      return { status: 200, body: { items: bodies, next_cursor: next } };
    },
  }),
  defineRoute({
    id: "getPipeline",
    method: "GET",
    path: "/v1/pipelines/{id}",
    summary: "One pipeline",
    tag: "pipelines",
    access: { permission: "pipelines:read", on: "pipeline" },
    params: idParams,
    responses: { 200: { description: "The pipeline", schema: pipeline } },
    async handle({ params }, services) {
      return { status: 200, body: await withRepository(services, await pipelineOf(services, params.id)) };
    },
  }),
  defineRoute({
    id: "changePipeline",
    method: "PATCH",
    path: "/v1/pipelines/{id}",
    summary:
      "Rename a pipeline, or change where its file is; the default branch is that of all pipelines of its repository",
    tag: "pipelines",
    access: { permission: "pipelines:write", on: "pipeline" },
    params: idParams,
    body: z.strictObject({
      name: z.optional(name),
      config_path: z.optional(configPath),
      default_branch: z.optional(branch),
    }),
    responses: { 200: { description: "As it is now", schema: pipeline } },
    async handle(request, services) {
      const { params, body } = request;
      const { records } = services;
      const { projectId } = await pipelineOf(services, params.id);
      const change = {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.config_path === undefined ? {} : { configPath: body.config_path }),
        ...(body.default_branch === undefined ? {} : { defaultBranch: body.default_branch }),
      };
      const resource = `pipeline:${params.id}`;
      const context = Object.fromEntries(
        Object.entries(body).flatMap(([field, value]) => (value === undefined ? [] : [[field, value] as const])),
      );
      const entry = auditEntry(services, request, { action: "PIPELINE_CHANGED", resource, projectId, context });
      const changed = found(await records.pipelines.change(params.id, change, entry), "pipeline", params.id);
      return { status: 200, body: await withRepository(services, changed) };
    },
  }),
  defineRoute({
    id: "removePipeline",
    method: "DELETE",
    path: "/v1/pipelines/{id}",
    summary: "Remove a pipeline that has no runs; of others they are history",
    tag: "pipelines",
    access: { permission: "pipelines:write", on: "pipeline" },
    params: idParams,
    responses: { 204: { description: "It is gone", schema: null } },
    async handle(request, services) {
      const { id, name: removed, projectId } = await pipelineOf(services, request.params.id);
      const resource = `pipeline:${id}`;
      const context = { name: removed };
      const entry = auditEntry(services, request, { action: "PIPELINE_REMOVED", resource, projectId, context });
      await services.records.pipelines.remove(id, entry);
      return { status: 204, body: undefined };
    },
  }),
];

async function withRepository({ records }: Services, of: Pipeline): Promise<PipelineJson> {
  return pipelineJson(of, found(await records.repositories.find(of.repositoryId), "repository", of.repositoryId));
}

function pipelineJson(of: Pipeline, { url, defaultBranch }: Repository): PipelineJson {
  return {
    id: of.id,
    project_id: of.projectId,
    repository_id: of.repositoryId,
    repository_url: url,
    default_branch: defaultBranch,
    name: of.name,
    config_path: of.configPath,
    created_at: timeOf(of.createdAt),
  };
}
