import { WaybillError } from "@waybill/core";
import {
  PHASES,
  progressOf,
  STAGE_STATES,
  STAGE_TYPES,
  STAGED_RUN_STATES,
  type JobRecord,
  type RunOrigin,
  type RunQuery,
  type RunRecord,
} from "@waybill/engine";
import * as z from "zod/mini";
import { principalOf, projectIdsOf } from "../access/guard.ts";
import { auditEntry } from "../access/audit-entry.ts";
import { defineRoute, type Route } from "../http/route.ts";
import { asInputs } from "../runs/run-cause.ts";
import { serverSentEvents } from "../runs/server-sent-events.ts";
import type { Services } from "../services.ts";
import { readEvents } from "./run-events.ts";
import { found, pipelineOf, runOf } from "./records.ts";
import { idParams, instant, named, optionalTime, optionalTimeOf, pageOf, pageQuery, time, timeOf } from "./schemas.ts";

export const runStatus = z.enum(["pending", "running", "success", "failed", "cancelled"]);

export const run = named(
  "Run",
  z.object({
    id: z.uuid(),
    number: z.int(),
    pipeline_id: z.nullable(z.uuid()),
    pipeline_name: z.string(),
    config_path: z.string(),
    trigger: z.string(),
    status: runStatus,
    reason: z.nullable(z.string()),
    git_ref: z.nullable(z.string()),
    git_sha: z.nullable(z.string()),
    concurrency_group: z.nullable(z.string()),
    rerun_of: z.nullable(z.string()),
    created_at: time,
    started_at: optionalTime,
    finished_at: optionalTime,
  }),
);
export type RunJson = z.infer<typeof run>;

export const input = z.union([z.string().check(z.maxLength(65_536)), z.number(), z.boolean()]);

/** In the words of build, test and deploy. */
const progress = named(
  "RunProgress",
  z.object({
    status: z.enum(STAGED_RUN_STATES),
    /** Null: no stage has begun. A run that failed keeps the phase it failed in. */
    phase: z.nullable(z.enum(PHASES)),
    stages: z.array(
      z.object({ stage_type: z.enum(STAGE_TYPES), state: z.enum(STAGE_STATES), reason: z.nullable(z.string()) }),
    ),
  }),
);

const wholeRun = named(
  "RunDetails",
  z.extend(run, {
    inputs: z.record(z.string(), input),
    trigger_event: z.record(z.string(), z.unknown()),
    /** Null: none of its jobs is one of build, test and deploy by its name. */
    progress: z.nullable(progress),
  }),
);

export const ref = z
  .string()
  .check(z.minLength(1), z.maxLength(250), z.regex(/^(?!.*\.\.)[A-Za-z0-9_][\w./+@-]*$/, "a ref"));
const sha = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "the whole name of a commit"));
export const variableName = z.string().check(z.maxLength(100), z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/));

export const startedRun = z.object({ id: z.uuid(), number: z.int(), status: runStatus });

const runQuery = z.extend(pageQuery, {
  status: z.optional(runStatus),
  /** A full ref. */
  ref: z.optional(ref),
  branch: z.optional(ref),
  trigger: z.optional(z.string().check(z.maxLength(50), z.regex(/^\w+$/))),
  /** Created at this time or later. */
  since: z.optional(instant),
  /** Created before this time. */
  until: z.optional(instant),
  number: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(2 ** 31 - 1))),
});

export const runRoutes: readonly Route[] = [
  defineRoute({
    id: "triggerRun",
    method: "POST",
    path: "/v1/pipelines/{id}/runs",
    summary: "Start a run of a pipeline",
    tag: "runs",
    access: { permission: "runs:trigger", on: "pipeline" },
    isRepeatable: true,
    params: idParams,
    body: z.strictObject({
      /** Default: the repository's default branch. */
      ref: z.optional(ref),
      sha: z.optional(sha),
      variables: z.prefault(z.record(variableName, input), {}),
      /** Of the pipeline's `inputs`. */
      inputs: z.prefault(z.record(variableName, input), {}),
    }),
    responses: {
      201: {
        description: "It is stored, and begins soon",
        schema: startedRun,
      },
    },
    async handle(request, services) {
      const { params, body } = request;
      const { actorId } = principalOf(request);
      const pipeline = await pipelineOf(services, params.id);
      const { projectId } = pipeline;
      const { id, number, status } = await services.runs.trigger({
        pipeline,
        ref: body.ref ?? (await defaultBranchOf(services, pipeline.repositoryId)),
        sha: body.sha ?? null,
        trigger: "manual",
        event: { type: "manual", actor: actorId },
        inputs: { ...body.variables, ...asInputs(body.inputs) },
        alongside: (runId, { gitRef, gitSha }) => {
          const context = { pipeline: pipeline.name, ref: gitRef, sha: gitSha };
          const entry = { action: "PIPELINE_EXECUTED", resource: `run:${runId}`, projectId, context } as const;
          return auditEntry(services, request, entry);
        },
      });
      return { status: 201, body: { id, number, status }, headers: { location: `/v1/pipeline-runs/${id}` } };
    },
  }),
  defineRoute({
    id: "listRunsOfPipeline",
    method: "GET",
    path: "/v1/pipelines/{id}/runs",
    summary: "List runs of a pipeline, newest first",
    tag: "runs",
    access: { permission: "runs:read", on: "pipeline" },
    params: idParams,
    query: runQuery,
    responses: { 200: { description: "A page of them", schema: pageOf(run) } },
    async handle({ params, query }, services) {
      await pipelineOf(services, params.id);
      return { status: 200, body: await pageOfRuns(services, query, { pipelineId: params.id }) };
    },
  }),
  defineRoute({
    id: "listRuns",
    method: "GET",
    path: "/v1/pipeline-runs",
    summary: "List runs of all pipelines, newest first",
    tag: "runs",
    access: { permission: "runs:read", on: "projects" },
    query: z.extend(runQuery, { project_id: z.optional(z.uuid()), pipeline_id: z.optional(z.uuid()) }),
    responses: { 200: { description: "A page of them", schema: pageOf(run) } },
    async handle(request, services) {
      const { query, projects } = request;
      const wanted = query.project_id;
      const isHidden = wanted !== undefined && projects !== "all" && !projects.has(wanted);
      // As of a project that there is not: nothing.
      const projectIds = wanted === undefined ? projectIdsOf(request) : isHidden ? [] : [wanted];
      return { status: 200, body: await pageOfRuns(services, query, { projectIds, pipelineId: query.pipeline_id }) };
    },
  }),
  defineRoute({
    id: "getRun",
    method: "GET",
    path: "/v1/pipeline-runs/{id}",
    summary: "One run",
    tag: "runs",
    access: { permission: "runs:read", on: "run" },
    params: idParams,
    responses: { 200: { description: "The run", schema: wholeRun } },
    async handle({ params }, services) {
      const record = await runOf(services, params.id);
      const { store } = services;
      const [origin, jobs] = await Promise.all([store.origin(record.id), store.jobs(record.id)]);
      return { status: 200, body: wholeRunJson(record, origin, jobs) };
    },
  }),
  defineRoute({
    id: "cancelRun",
    method: "POST",
    path: "/v1/pipeline-runs/{id}/cancel",
    summary: "End a run: its steps get SIGTERM and, after 30 s, SIGKILL",
    tag: "runs",
    access: { permission: "runs:cancel", on: "run" },
    isRepeatable: true,
    params: idParams,
    responses: { 202: { description: "It is being ended", schema: run } },
    async handle(request, services) {
      const { params } = request;
      const cancelled = await runOf(services, params.id);
      const pipeline = cancelled.pipelineId === null ? null : await pipelineOf(services, cancelled.pipelineId);
      const entry = auditEntry(services, request, {
        action: "PIPELINE_CANCELLED",
        resource: `run:${cancelled.id}`,
        projectId: pipeline?.projectId ?? null,
        context: { pipeline: cancelled.pipelineName },
      });
      await services.runs.cancel(cancelled, entry);
      return { status: 202, body: runJson(await runOf(services, params.id)) };
    },
  }),
  defineRoute({
    id: "followRun",
    method: "GET",
    path: "/v1/pipeline-runs/{id}/events",
    summary: "What happened in a run, and what happens, as server-sent events; resumes behind Last-Event-ID",
    tag: "runs",
    access: { permission: "runs:read", on: "run" },
    params: idParams,
    query: z.strictObject({ after: z.prefault(z.coerce.number().check(z.int(), z.minimum(0)), 0) }),
    responses: { 200: { description: "The events", schema: null, contentType: "text/event-stream" } },
    async handle({ params, query, headers, signal }, services) {
      const { id } = await runOf(services, params.id);
      const read = readEvents(services.store, id, lastEventId(headers["last-event-id"]) ?? query.after);
      const follower = services.changes.follow(id);
      const stream = serverSentEvents(read, follower, () => services.runs.isDriving(id), signal);
      return { status: 200, stream, contentType: "text/event-stream", headers: { "cache-control": "no-cache" } };
    },
  }),
];

/** Where a client that was cut off stood; null: it says nothing that can be used. */
export function lastEventId(header: unknown): number | null {
  return typeof header === "string" && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

async function defaultBranchOf({ records }: Services, repositoryId: string): Promise<string> {
  return found(await records.repositories.find(repositoryId), "repository", repositoryId).defaultBranch;
}

interface RunPageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly status?: RunRecord["status"] | undefined;
  readonly ref?: string | undefined;
  readonly branch?: string | undefined;
  readonly trigger?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly number?: number | undefined;
}

async function pageOfRuns(
  { store }: Services,
  query: RunPageQuery,
  which: Pick<RunQuery, "pipelineId" | "projectIds">,
): Promise<{ readonly items: readonly RunJson[]; readonly next_cursor: string | null }> {
  const { limit, cursor, status, trigger, since, until, number } = query;
  if (cursor !== undefined && !/^\d{1,9}$/.test(cursor)) {
    throw new WaybillError("API_INVALID", { problem: "query.cursor: it is none that a page gave" });
  }
  const before = cursor === undefined ? undefined : Number(cursor);
  const page = await store.page({
    ...which,
    number,
    status,
    gitRef: query.branch === undefined ? query.ref : `refs/heads/${query.branch}`,
    trigger,
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
    before,
    limit: limit + 1,
  });
  const items = page.slice(0, limit);
  const next = page.length > limit ? String(items.at(-1)?.number) : null;
  return { items: items.map(runJson), next_cursor: next };
}

export function runJson(record: RunRecord): RunJson {
  return {
    id: record.id,
    number: record.number,
    pipeline_id: record.pipelineId,
    pipeline_name: record.pipelineName,
    config_path: record.file,
    trigger: record.trigger,
    status: record.status,
    reason: record.reason,
    git_ref: record.gitRef,
    git_sha: record.gitSha,
    concurrency_group: record.concurrencyGroup,
    rerun_of: record.rerunOf,
    created_at: timeOf(record.createdAt),
    started_at: optionalTimeOf(record.startedAt),
    finished_at: optionalTimeOf(record.finishedAt),
  };
}

function wholeRunJson(
  record: RunRecord,
  origin: RunOrigin | null,
  jobs: readonly JobRecord[],
): z.infer<typeof wholeRun> {
  const told = progressOf(record, jobs);
  const stages = told?.stages.map(({ stageType: type, state, reason }) => ({ stage_type: type, state, reason })) ?? [];
  return {
    ...runJson(record),
    inputs: { ...origin?.inputs },
    trigger_event: { ...origin?.triggerEvent },
    progress: told === null ? null : { status: told.status, phase: told.phase, stages },
  };
}
