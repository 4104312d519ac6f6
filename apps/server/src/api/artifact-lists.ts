import * as z from "zod/mini";
import { projectIdsOf } from "../access/guard.ts";
import { defineRoute, type Route } from "../http/route.ts";
import { artifact, artifactJson } from "./artifact-json.ts";
import { named, pageOf, pageQuery } from "./schemas.ts";

const listed = named(
  "ListedArtifact",
  z.extend(artifact, {
    run_id: z.uuid(),
    run_number: z.int(),
    pipeline_id: z.nullable(z.uuid()),
    project_id: z.nullable(z.uuid()),
  }),
);

const text = z.string().check(z.minLength(1), z.maxLength(200), z.regex(/^[^\p{Cc}\p{Cs}]+$/u, "a text of one line"));

export const artifactListRoutes: readonly Route[] = [
  defineRoute({
    id: "listArtifacts",
    method: "GET",
    path: "/v1/artifacts",
    summary: "List artifacts of all runs, newest first; a page may be short though there is a next one",
    tag: "artifacts",
    access: { permission: "artifacts:read", on: "projects" },
    query: z.extend(pageQuery, {
      project_id: z.optional(z.uuid()),
      run_id: z.optional(z.uuid()),
      /** Name of the job. */
      job: z.optional(text),
      /** What the name holds, in any case. */
      name: z.optional(text),
    }),
    responses: { 200: { description: "A page of them", schema: pageOf(listed) } },
    async handle(request, { artifactLists }) {
      const { limit, cursor: before, project_id: wanted, run_id: runId, job, name } = request.query;
      const { projects } = request;
      const isHidden = wanted !== undefined && projects !== "all" && !projects.has(wanted);
      // As of a project that there is not: nothing.
      const projectIds = wanted === undefined ? projectIdsOf(request) : isHidden ? [] : [wanted];
      const page = await artifactLists.page({ projectIds, runId, job, name, before, limit });
      const items = page.items.map((each) => ({
        ...artifactJson(each.artifact, each.jobName),
        run_id: each.runId,
        run_number: each.runNumber,
        pipeline_id: each.pipelineId,
        project_id: each.projectId,
      }));
      return { status: 200, body: { items, next_cursor: page.next } };
    },
  }),
];
