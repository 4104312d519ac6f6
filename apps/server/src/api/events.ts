import { SERVER_EVENT_KINDS } from "@waybill/core";
import * as z from "zod/mini";
import { principalOf } from "../access/guard.ts";
import { visibleEvents } from "../access/visible-events.ts";
import { defineRoute, type Route } from "../http/route.ts";
import { ALL_RUNS } from "../runs/run-changes.ts";
import { serverSentEvents } from "../runs/server-sent-events.ts";
import { lastEventId } from "./runs.ts";

export const eventRoutes: readonly Route[] = [
  defineRoute({
    id: "followEvents",
    method: "GET",
    path: "/v1/events",
    summary: `What happens that the caller may see, in runs and beside them, as server-sent events from now on; resumes behind Last-Event-ID or \`after\`, from the beginning behind 0. Each has time, run_id, project_id, pipeline_id and job_id, null where there is none. Kinds of runs: run.started, run.resumed, run.finished, job.started, job.retry (another attempt comes), job.finished (with its artifacts and outputs stored), step.started, step.finished. Other kinds, with their fields: ${kindsInShort()}`,
    tag: "runs",
    access: { permission: "runs:read", on: "projects" },
    query: z.strictObject({ after: z.optional(z.coerce.number().check(z.int(), z.minimum(0))) }),
    responses: { 200: { description: "The events", schema: null, contentType: "text/event-stream" } },
    async handle(request, { feed, changes }) {
      const { query, headers, signal } = request;
      const after = lastEventId(headers["last-event-id"]) ?? query.after ?? (await feed.end());
      const read = feed.follow(after, visibleEvents(principalOf(request)));
      // Other servers store events, too, and may wake nobody here.
      const stream = serverSentEvents(read, changes.follow(ALL_RUNS), () => false, signal);
      return { status: 200, stream, contentType: "text/event-stream", headers: { "cache-control": "no-cache" } };
    },
  }),
];

function kindsInShort(): string {
  return Object.entries(SERVER_EVENT_KINDS)
    .map(([kind, { fields }]) => `${kind} (${Object.keys(fields).join(", ")})`)
    .join("; ");
}
