import { definitionToJson } from "@waybill/pipeline";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { artifact, artifactJson } from "./artifact-json.ts";
import { levelsOf } from "./graph-levels.ts";
import { jobStatus } from "./job-json.ts";
import { found, runOf } from "./records.ts";
import { idParams, named, optionalTime, optionalTimeOf } from "./schemas.ts";

const graph = named(
  "RunGraph",
  z.object({
    /** In the order of the definition; those of the pipeline that this run left out are not among them. */
    jobs: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        status: jobStatus,
        reason: z.nullable(z.string()),
        /** The environment it works on; null: none. */
        deploys_to: z.nullable(z.string()),
        /** Longest way from a job that waits for none: 0 for such a one. */
        level: z.int(),
        started_at: optionalTime,
        finished_at: optionalTime,
      }),
    ),
    /** Names of jobs: `to` waits for `from`. */
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
  }),
);

/** Parts of a run that are read alone. */
export const runDetailRoutes: readonly Route[] = [
  defineRoute({
    id: "listArtifactsOfRun",
    method: "GET",
    path: "/v1/pipeline-runs/{id}/artifacts",
    summary: "The artifacts of a run, by job and name",
    tag: "artifacts",
    access: { permission: "artifacts:read", on: "run" },
    params: idParams,
    responses: { 200: { description: "All of them", schema: z.object({ items: z.array(artifact) }) } },
    async handle({ params }, services) {
      const { id } = await runOf(services, params.id);
      const [jobs, artifacts] = await Promise.all([services.store.jobs(id), services.store.artifacts(id)]);
      const names = new Map(jobs.map((job) => [job.id, job.name]));
      return { status: 200, body: { items: artifacts.map((each) => artifactJson(each, names.get(each.jobId) ?? "")) } };
    },
  }),
  defineRoute({
    id: "getRunGraph",
    method: "GET",
    path: "/v1/pipeline-runs/{id}/graph",
    summary: "The jobs of a run as a graph: which waits for which, and how each stands",
    tag: "runs",
    access: { permission: "runs:read", on: "run" },
    params: idParams,
    responses: { 200: { description: "The graph", schema: graph } },
    async handle({ params }, services) {
      const { id } = await runOf(services, params.id);
      const [definition, jobs] = await Promise.all([services.store.definition(id), services.store.jobs(id)]);
      const inRun = new Set(jobs.map(({ name }) => name));
      const before = new Map(
        jobs.map(({ name }) => [name, (definition?.jobs.get(name)?.dependsOn ?? []).filter((each) => inRun.has(each))]),
      );
      const levels = levelsOf(before);
      const nodes = jobs.map(({ id: jobId, name, status, reason, startedAt, finishedAt }) => ({
        id: jobId,
        name,
        status,
        reason,
        deploys_to: definition?.jobs.get(name)?.deploysTo ?? null,
        level: levels.get(name) ?? 0,
        started_at: optionalTimeOf(startedAt),
        finished_at: optionalTimeOf(finishedAt),
      }));
      const edges = [...before].flatMap(([to, names]) => names.map((from) => ({ from, to })));
      return { status: 200, body: { jobs: nodes, edges } };
    },
  }),
  defineRoute({
    id: "getRunDefinition",
    method: "GET",
    path: "/v1/pipeline-runs/{id}/definition",
    summary: "The definition that a run was started with, in the form in which it is stored",
    tag: "runs",
    access: { permission: "runs:read", on: "run" },
    params: idParams,
    responses: { 200: { description: "The definition", schema: z.record(z.string(), z.unknown()) } },
    async handle({ params }, services) {
      const { id } = await runOf(services, params.id);
      return { status: 200, body: definitionToJson(found(await services.store.definition(id), "run", id)) };
    },
  }),
];
