import { projectsWhere, type Permission, type Principal } from "@waybill/access";
import type { SearchHit, Visible } from "@waybill/database";
import * as z from "zod/mini";
import { principalOf } from "../access/guard.ts";
import { defineRoute, type Route } from "../http/route.ts";
import { named, time, timeOf } from "./schemas.ts";

const MAX_HITS = 50;
const DEFAULT_HITS = 20;
const MAX_TEXT_LENGTH = 200;

const hit = named(
  "SearchHit",
  z.object({
    kind: z.enum(["project", "pipeline", "run", "job", "commit", "branch", "tag", "ref", "pull_request"]),
    /** Of a commit its whole name, of a branch, tag, pull request or other ref the full ref; of all else the id. */
    id: z.string(),
    title: z.string(),
    subtitle: z.string(),
    project: z.nullable(z.object({ id: z.uuid(), name: z.string() })),
    pipeline_id: z.nullable(z.uuid()),
    /** The run itself, or the newest one of what was found. */
    run_id: z.nullable(z.uuid()),
    job_id: z.nullable(z.uuid()),
    /** Of the run or job. */
    status: z.nullable(z.string()),
    /** When it was made, or last seen in a run. */
    matched_at: time,
  }),
);

export const searchRoutes: readonly Route[] = [
  defineRoute({
    id: "search",
    method: "GET",
    path: "/v1/search",
    summary:
      "Find projects, pipelines, runs (`#12`, or the beginning of an id), jobs of recent runs, commits (from 4 digits on), branches, tags and pull requests; best first",
    tag: "search",
    access: { permission: "runs:read", on: "projects" },
    query: z.strictObject({
      q: z
        .string()
        .check(
          z.minLength(1),
          z.maxLength(MAX_TEXT_LENGTH),
          z.regex(/^(?=.*\S)[^\p{Cc}\p{Cs}]+$/u, "a text of one line"),
        ),
      limit: z.prefault(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_HITS)), DEFAULT_HITS),
    }),
    responses: {
      200: { description: "What the caller may see of it", schema: z.object({ items: z.array(hit) }) },
    },
    async handle(request, { search }) {
      const { q: text, limit } = request.query;
      const principal = principalOf(request);
      const found = await search.find({
        text,
        limit,
        projects: visible(principal, "projects:read"),
        pipelines: visible(principal, "pipelines:read"),
        runs: visible(principal, "runs:read"),
      });
      return { status: 200, body: { items: found.map(hitJson) } };
    },
  }),
];

function visible(principal: Principal, permission: Permission): Visible {
  const projects = projectsWhere(principal, permission);
  return projects === "all" ? "all" : [...projects];
}

function hitJson({ projectId, projectName, ...rest }: SearchHit): z.infer<typeof hit> {
  const { kind, id, title, subtitle, pipelineId, runId, jobId, status, matchedAt } = rest;
  return {
    kind,
    id,
    title,
    subtitle,
    project: projectId === null || projectName === null ? null : { id: projectId, name: projectName },
    pipeline_id: pipelineId,
    run_id: runId,
    job_id: jobId,
    status,
    matched_at: timeOf(matchedAt),
  };
}
