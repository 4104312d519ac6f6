import { timelineOf, type JobTimeline, type Span, type TimelineAttempt } from "@waybill/engine";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import type { Services } from "../services.ts";
import { eventsOf } from "./explanations.ts";
import { jobStatus } from "./job-json.ts";
import { found, runOf } from "./records.ts";
import { runStatus } from "./runs.ts";
import { idParams, named, optionalTime, optionalTimeOf, time, timeOf } from "./schemas.ts";

const span = z.object({
  /**
   * `queued`: only the queue held it up; `preparing`: workspace, artifacts and environment were made; `finishing`: outputs
   * were read and artifacts stored; `waiting`: for the next attempt.
   */
  kind: z.enum(["queued", "preparing", "step", "finishing", "waiting"]),
  step: z.nullable(z.string()),
  /** Of the job, from 1; 0: before the first. */
  attempt: z.int(),
  started_at: time,
  /** Null: it goes on. */
  finished_at: optionalTime,
  status: z.nullable(z.string()),
});

const jobTimeline = named(
  "JobTimeline",
  z.object({
    id: z.uuid(),
    name: z.string(),
    status: jobStatus,
    reason: z.nullable(z.string()),
    /** From when on nothing but the queue held it up. */
    ready_at: optionalTime,
    started_at: optionalTime,
    finished_at: optionalTime,
    /** Whether the run could not have ended earlier without this job doing so. */
    is_critical: z.boolean(),
    attempts: z.array(
      z.object({
        attempt: z.int(),
        executor: z.string(),
        started_at: time,
        finished_at: optionalTime,
        /** Why there was another one after it. */
        retry: z.nullable(z.object({ reason: z.string(), message: z.string() })),
      }),
    ),
    /** One after the other, without overlap. */
    spans: z.array(span),
  }),
);

const runTimeline = named(
  "RunTimeline",
  z.object({
    run_id: z.uuid(),
    status: runStatus,
    created_at: time,
    started_at: optionalTime,
    finished_at: optionalTime,
    /** In the order of the definition. */
    jobs: z.array(jobTimeline),
    /** Ids of the jobs that the run is as long as, in the order of time. */
    critical_path: z.array(z.uuid()),
  }),
);

export const timelineRoutes: readonly Route[] = [
  defineRoute({
    id: "getRunTimeline",
    method: "GET",
    path: "/v1/pipeline-runs/{id}/timeline",
    summary: "Where the time of a run went: what each job did and waited for, and the critical path",
    tag: "runs",
    access: { permission: "runs:read", on: "run" },
    params: idParams,
    responses: { 200: { description: "The timeline", schema: runTimeline } },
    async handle({ params }, services) {
      const { run, jobs, critical } = await timelineOfRun(services, params.id, null);
      const body: z.infer<typeof runTimeline> = {
        run_id: run.id,
        status: run.status,
        created_at: timeOf(run.createdAt),
        started_at: optionalTimeOf(run.startedAt),
        finished_at: optionalTimeOf(run.finishedAt),
        jobs: jobs.map(jobTimelineJson),
        critical_path: critical.jobs.map(({ id }) => id),
      };
      return { status: 200, body };
    },
  }),
  defineRoute({
    id: "getJobTimeline",
    method: "GET",
    path: "/v1/jobs/{id}/timeline",
    summary: "Where the time of a job went: queue, preparation, steps, artifacts, waits between attempts",
    tag: "runs",
    access: { permission: "runs:read", on: "job" },
    params: idParams,
    responses: { 200: { description: "The timeline", schema: jobTimeline } },
    async handle({ params }, services) {
      const { runId, job } = found(await services.store.findJob(params.id), "job", params.id);
      const { jobs } = await timelineOfRun(services, runId, job.name);
      return { status: 200, body: jobTimelineJson(found(jobs.find(({ id }) => id === job.id) ?? null, "job", job.id)) };
    },
  }),
];

/** @param job whose events are enough; null: of all */
async function timelineOfRun({ store, ...services }: Services, runId: string, job: string | null) {
  const run = await runOf({ store, ...services }, runId);
  const definition = found(await store.definition(runId), "run", runId);
  // Jobs before events: what has settled by then has all of its events.
  const jobs = await store.jobs(runId);
  const events = await eventsOf(store, runId, job);
  return { run, ...timelineOf({ run, definition, jobs, events }) };
}

function jobTimelineJson(of: JobTimeline): z.infer<typeof jobTimeline> {
  return {
    id: of.id,
    name: of.name,
    status: of.status,
    reason: of.reason,
    ready_at: optionalTimeOf(of.readyAt),
    started_at: optionalTimeOf(of.startedAt),
    finished_at: optionalTimeOf(of.finishedAt),
    is_critical: of.isCritical,
    attempts: of.attempts.map(attemptJson),
    spans: of.spans.map(spanJson),
  };
}

function attemptJson({ startedAt, finishedAt, retry, ...rest }: TimelineAttempt) {
  return {
    ...rest,
    started_at: timeOf(startedAt),
    finished_at: optionalTimeOf(finishedAt),
    retry: retry === null ? null : { ...retry },
  };
}

function spanJson({ startedAt, finishedAt, ...rest }: Span): z.infer<typeof span> {
  return { ...rest, started_at: timeOf(startedAt), finished_at: optionalTimeOf(finishedAt) };
}
