import { explainJob, type StoredEvent, type RunStore } from "@waybill/engine";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { found, runOf } from "./records.ts";
import { idParams, named } from "./schemas.ts";

const EVENTS_AT_ONCE = 1_000;

/** Its fields are those of `waybill why --json`, which says more of them than a schema could. */
const explanation = named(
  "JobExplanation",
  z.looseObject({
    run: z.int(),
    run_status: z.string(),
    trigger: z.looseObject({ event: z.string(), ref: z.nullable(z.string()), reason: z.nullable(z.string()) }),
    job: z.string(),
    status: z.nullable(z.string()),
    reason: z.nullable(z.string()),
    summary: z.string(),
    rules: z.array(z.looseObject({ rule: z.string(), outcome: z.string(), text: z.string() })),
    attempts: z.array(z.looseObject({ attempt: z.int(), executor: z.string() })),
    remedy: z.string(),
  }),
);

export const explanationRoutes: readonly Route[] = [
  defineRoute({
    id: "explainJob",
    method: "GET",
    path: "/v1/jobs/{id}/explanation",
    summary: "Why a job ran, waits, was skipped or failed",
    tag: "runs",
    access: { permission: "runs:read", on: "job" },
    params: idParams,
    responses: { 200: { description: "The explanation", schema: explanation } },
    async handle({ params }, services) {
      const { store } = services;
      const { runId, job } = found(await store.findJob(params.id), "job", params.id);
      const run = await runOf(services, runId);
      const definition = found(await store.definition(runId), "run", runId);
      const jobs = new Map((await store.jobs(runId)).map((record) => [record.name, record]));
      const events = await eventsOf(store, runId, job.name);
      const origin = await store.origin(runId);
      const stored = { run, origin, definition, jobs, events };
      return { status: 200, body: found(explainJob(stored, job.name), "job", params.id) };
    },
  }),
];

/** @param job whose events are wanted; null: of all jobs */
export async function eventsOf(store: RunStore, runId: string, job: string | null): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let after = 0; ;) {
    const page = await store.events(runId, after, EVENTS_AT_ONCE);
    for (const stored of page) {
      if ("job" in stored.event && (job === null || stored.event.job === job)) events.push(stored);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < EVENTS_AT_ONCE) return events;
    after = last.seq;
  }
}
