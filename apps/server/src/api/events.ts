import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { ALL_RUNS } from "../runs/run-changes.ts";
import { serverSentEvents } from "../runs/server-sent-events.ts";
import { lastEventId } from "./runs.ts";

export const eventRoutes: readonly Route[] = [
  defineRoute({
    id: "followEvents",
    method: "GET",
    path: "/v1/events",
    summary:
      "What happens in all runs that the caller may see, as server-sent events from now on; resumes behind Last-Event-ID or `after`, from the beginning behind 0. Kinds: run.started, run.resumed, run.finished, job.started, job.retry (another attempt comes), job.finished (with its artifacts and outputs stored), step.started, step.finished; each has run_id, project_id, pipeline_id and job_id, null where there is none",
    tag: "runs",
    access: { permission: "runs:read", on: "projects" },
    query: z.strictObject({ after: z.optional(z.coerce.number().check(z.int(), z.minimum(0))) }),
    responses: { 200: { description: "The events", schema: null, contentType: "text/event-stream" } },
    async handle({ query, headers, projects, signal }, { feed, changes }) {
      const after = lastEventId(headers["last-event-id"]) ?? query.after ?? (await feed.end());
      // Other servers store events, too, and wake nobody here.
      const stream = serverSentEvents(feed.follow(after, projects), changes.follow(ALL_RUNS), () => false, signal);
      return { status: 200, stream, contentType: "text/event-stream", headers: { "cache-control": "no-cache" } };
    },
  }),
];
