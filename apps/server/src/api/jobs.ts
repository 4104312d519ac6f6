import { isSettled, type JobRecord } from "@waybill/engine";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { serverSentEvents } from "../runs/server-sent-events.ts";
import type { Services } from "../services.ts";
import { job, jobsJson } from "./job-json.ts";
import { logPage, readLog, readLogPage, type LogLineJson } from "./job-log.ts";
import { found, runOf } from "./records.ts";
import { lastEventId } from "./runs.ts";
import { idParams } from "./schemas.ts";

const MAX_LINES = 10_000;
const DEFAULT_LINES = 1_000;
/** A longer one can make its automaton large; nobody writes it by hand. */
const MAX_PATTERN_LENGTH = 500;
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
    id: "getJob",
    method: "GET",
    path: "/v1/jobs/{id}",
    summary: "One job with its steps and artifacts",
    tag: "runs",
    access: { permission: "runs:read", on: "job" },
    params: idParams,
    responses: { 200: { description: "The job", schema: z.extend(job, { run_id: z.uuid() }) } },
    async handle({ params }, services) {
      const { runId } = found(await services.store.findJob(params.id), "job", params.id);
      const jobs = await jobsJson(services, runId);
      const one = found(jobs.find(({ id }) => id === params.id) ?? null, "job", params.id);
      return { status: 200, body: { ...one, run_id: runId } };
    },
  }),
  defineRoute({
    id: "getJobLog",
    method: "GET",
    path: "/v1/jobs/{id}/logs",
    summary:
      "Lines of a job's log, all or those that match; with follow=true as server-sent events until the job has settled",
    tag: "runs",
    access: { permission: "logs:read", on: "job" },
    params: idParams,
    query: z.strictObject({
      from: z.prefault(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(2 ** 31)), 0),
      limit: z.prefault(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_LINES)), DEFAULT_LINES),
      follow: z.prefault(flag, "false"),
      /** Only lines of the step at this position. */
      step: z.optional(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(MAX_LINES))),
      /** Only lines that match: a regular expression of RE2. Of no effect with `follow`. */
      q: z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_PATTERN_LENGTH))),
      /** The last so many lines, in place of `from` and `limit`. */
      tail: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_LINES))),
    }),
    responses: { 200: { description: "Lines, numbered from 0", schema: logPage } },
    async handle({ params, query, headers, signal }, services) {
      const { runId, job: record } = found(await services.store.findJob(params.id), "job", params.id);
      if (!query.follow) return { status: 200, body: await readLogPage(services.logs, runId, record.name, query) };
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
