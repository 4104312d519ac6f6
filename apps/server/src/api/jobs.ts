import { isSettled, type JobRecord, type StepRecord } from "@waybill/engine";
import type { PipelineDefinition } from "@waybill/pipeline";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { serverSentEvents } from "../runs/server-sent-events.ts";
import type { Services } from "../services.ts";
import { artifact, artifactJson } from "./artifact-json.ts";
import { logPage, readLog, type LogLineJson } from "./job-log.ts";
import { found, runOf } from "./records.ts";
import { lastEventId } from "./runs.ts";
import { idParams, named, optionalTime, optionalTimeOf } from "./schemas.ts";

const step = named(
  "Step",
  z.object({
    id: z.uuid(),
    name: z.string(),
    position: z.int(),
    status: z.enum(["pending", "running", "success", "failed", "cancelled"]),
    exit_code: z.nullable(z.int()),
    started_at: optionalTime,
    finished_at: optionalTime,
  }),
);

const job = named(
  "Job",
  z.object({
    id: z.uuid(),
    name: z.string(),
    status: z.enum(["pending", "running", "success", "failed", "cancelled", "retry"]),
    reason: z.nullable(z.string()),
    message: z.string(),
    attempts: z.int(),
    depends_on: z.array(z.string()),
    outputs: z.record(z.string(), z.string()),
    started_at: optionalTime,
    finished_at: optionalTime,
    steps: z.array(step),
    artifacts: z.array(artifact),
  }),
);

const MAX_LINES = 10_000;
const DEFAULT_LINES = 1_000;
const flag = z.stringbool({ truthy: ["true", "1", ""], falsy: ["false", "0"] });

export const jobRoutes: readonly Route[] = [
  defineRoute({
    id: "listJobs",
    method: "GET",
    path: "/v1/pipeline-runs/{id}/jobs",
    summary: "The jobs of a run with their steps and artifacts, in the order of the definition",
    tag: "runs",
    access: { permission: "runs:read", on: "run" },
    params: idParams,
    responses: { 200: { description: "All of them", schema: z.object({ items: z.array(job) }) } },
    async handle({ params }, services) {
      const { id } = await runOf(services, params.id);
      return { status: 200, body: { items: await jobsJson(services, id) } };
    },
  }),
  defineRoute({
    id: "getJobLog",
    method: "GET",
    path: "/v1/jobs/{id}/logs",
    summary: "Lines of a job's log; with follow=true as server-sent events until the job has settled",
    tag: "runs",
    access: { permission: "logs:read", on: "job" },
    params: idParams,
    query: z.strictObject({
      from: z.prefault(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(2 ** 31)), 0),
      limit: z.prefault(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_LINES)), DEFAULT_LINES),
      follow: z.prefault(flag, "false"),
    }),
    responses: { 200: { description: "Lines, numbered from 0", schema: logPage } },
    async handle({ params, query, headers, signal }, services) {
      const { runId, job: record } = found(await services.store.findJob(params.id), "job", params.id);
      if (!query.follow) {
        const lines = await readLog(services.logs, runId, record.name, query.from, query.limit);
        const total = await services.logs.lineCount(runId, record.name);
        const next = Math.min(query.from + query.limit, Math.max(total, query.from));
        return { status: 200, body: { items: lines, next_line: next, total_lines: total } };
      }
      const last = lastEventId(headers["last-event-id"]);
      const read = followLog(services, runId, record, last === null ? query.from : last + 1);
      const follower = services.changes.follow(runId);
      const stream = serverSentEvents(read, follower, () => services.runs.isDriving(runId), signal);
      return { status: 200, stream, contentType: "text/event-stream", headers: { "cache-control": "no-cache" } };
    },
  }),
];

function followLog(
  { store, logs }: Services,
  runId: string,
  { id, name }: JobRecord,
  from: number,
): Parameters<typeof serverSentEvents>[0] {
  let next = from;
  return async () => {
    // Asked first: the log of a job that has settled by then is whole.
    const isOver = isSettled((await store.findJob(id))?.job.status ?? "cancelled");
    const lines: readonly LogLineJson[] = await readLog(logs, runId, name, next, DEFAULT_LINES);
    next = (lines.at(-1)?.line ?? next - 1) + 1;
    return { isLast: isOver, events: lines.map((line) => ({ id: line.line, type: "line", data: line })) };
  };
}

async function jobsJson({ store }: Services, runId: string): Promise<z.infer<typeof job>[]> {
  const [definition, jobs, steps, artifacts] = await Promise.all([
    store.definition(runId),
    store.jobs(runId),
    store.steps(runId),
    store.artifacts(runId),
  ]);
  const stepsOf = Map.groupBy(steps, ({ jobId }) => jobId);
  const artifactsOf = Map.groupBy(artifacts, ({ jobId }) => jobId);
  return jobs.map((record) => ({
    ...jobJson(record, definition),
    steps: (stepsOf.get(record.id) ?? []).map(stepJson),
    artifacts: (artifactsOf.get(record.id) ?? []).map((each) => artifactJson(each, record.name)),
  }));
}

function jobJson(
  record: JobRecord,
  definition: PipelineDefinition | null,
): Omit<z.infer<typeof job>, "steps" | "artifacts"> {
  const { id, name, status, reason, message, attempts, outputs } = record;
  return {
    id,
    name,
    status,
    reason,
    message,
    attempts,
    depends_on: [...(definition?.jobs.get(name)?.dependsOn ?? [])],
    outputs: { ...outputs },
    started_at: optionalTimeOf(record.startedAt),
    finished_at: optionalTimeOf(record.finishedAt),
  };
}

function stepJson({ id, name, position, status, exitCode, startedAt, finishedAt }: StepRecord): z.infer<typeof step> {
  return {
    id,
    name,
    position,
    status,
    exit_code: exitCode,
    started_at: optionalTimeOf(startedAt),
    finished_at: optionalTimeOf(finishedAt),
  };
}
