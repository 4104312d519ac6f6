import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { pipelineStatistics } from "../statistics/pipeline-statistics.ts";
import { pipelineOf } from "./records.ts";
import { idParams, named, time, timeOf } from "./schemas.ts";

const DAY_MS = 86_400_000;
const MAX_DAYS = 365;
/** Beyond these the oldest are left out, and the answer says so. */
const MAX_RUNS = 20_000;
const RUNS_WITH_JOBS = 500;
const MAX_JOBS = 20_000;

const share = named("Share", z.object({ value: z.nullable(z.number()), numerator: z.int(), denominator: z.int() }));
const spread = named(
  "DurationSpread",
  /** In seconds, by nearest rank. */
  z.object({ p50: z.nullable(z.number()), p95: z.nullable(z.number()), sample_size: z.int() }),
);

const statistics = named(
  "PipelineStatistics",
  z.object({
    since: time,
    until: time,
    /** Whether all runs of the range were looked at: of more than 20,000 the newest are. */
    is_complete: z.boolean(),
    /** Runs whose jobs were looked at: the newest ones. */
    runs_with_jobs: z.int(),
    /** Of the runs that succeeded or failed. */
    success_rate: share,
    /** From their beginning to their end, of the same runs. */
    duration: spread,
    /** From their creation to their beginning, of all that have begun. */
    queue: spread,
    /** Each day of the range in UTC, oldest first. */
    per_day: z.array(
      z.object({
        date: z.string(),
        success: z.int(),
        failed: z.int(),
        cancelled: z.int(),
        unfinished: z.int(),
        duration: spread,
      }),
    ),
    slowest_jobs: z.array(z.extend(spread, { name: z.string() })),
    /** Jobs that succeeded only when they were tried again, of all that succeeded. */
    flaky_jobs: z.array(z.extend(share, { name: z.string() })),
  }),
);

export const pipelineStatisticsRoutes: readonly Route[] = [
  defineRoute({
    id: "getPipelineStatistics",
    method: "GET",
    path: "/v1/pipelines/{id}/statistics",
    summary: "How runs of a pipeline went over the last days: outcomes, durations, queue, slow and flaky jobs",
    tag: "pipelines",
    access: { permission: "runs:read", on: "pipeline" },
    params: idParams,
    query: z.strictObject({
      days: z.prefault(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_DAYS)), 30),
    }),
    responses: { 200: { description: "The statistics", schema: statistics } },
    async handle({ params, query }, services) {
      const { id } = await pipelineOf(services, params.id);
      const until = services.clock.now();
      // Whole days: the first one would look poorer than it was.
      const since = Math.floor((until - (query.days - 1) * DAY_MS) / DAY_MS) * DAY_MS;
      const runs = await services.samples.runs(id, since, MAX_RUNS);
      const newest = runs.items.slice(0, RUNS_WITH_JOBS).map((run) => run.id);
      const jobs = await services.samples.jobs(newest, MAX_JOBS);
      const body = {
        since: timeOf(since),
        until: timeOf(until),
        is_complete: runs.isComplete,
        runs_with_jobs: newest.length,
        ...pipelineStatistics(runs.items, jobs.items, { since, until }),
      };
      return { status: 200, body };
    },
  }),
];
