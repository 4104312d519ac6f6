import { pressureLevel } from "@waybill/artifacts";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { named, time, timeOf } from "./schemas.ts";

const system = named(
  "System",
  z.object({
    /** Of Waybill and of what it runs on. */
    version: z.string(),
    node_version: z.string(),
    started_at: time,
    uptime_seconds: z.number(),
    memory_bytes: z.int(),
    executors: z.object({
      /** As it is set: `auto` takes what a job asks for and this machine has. */
      mode: z.string(),
      items: z.array(
        z.object({
          name: z.string(),
          available: z.boolean(),
          version: z.string(),
          /** Why it cannot be used; empty: it can. */
          reason: z.string(),
        }),
      ),
    }),
    database: z.object({
      kind: z.enum(["sqlite", "postgres"]),
      version: z.string(),
      size_bytes: z.int(),
      /** Of one question and its answer. */
      latency_ms: z.number(),
      /** In their order. */
      migrations: z.array(z.string()),
    }),
    storage: z.object({
      used_bytes: z.int(),
      quota_bytes: z.int(),
      used_percent: z.number(),
      pressure_level: z.string(),
    }),
    queue: z.object({
      runs_waiting: z.int(),
      runs_going_on: z.int(),
      jobs_going_on: z.int(),
      /** Runs that this server drives. */
      driven_here: z.int(),
      /** Runs that some server drives, or drove when it died. */
      claimed: z.int(),
    }),
    /** Of this process, the last one first; never more than 100. */
    recent_errors: z.array(
      z.object({
        component: z.string(),
        what: z.string(),
        code: z.nullable(z.string()),
        message: z.string(),
        remedy: z.string(),
        count: z.int(),
        first_at: time,
        last_at: time,
        correlation_id: z.nullable(z.string()),
      }),
    ),
  }),
);

export const systemRoutes: readonly Route[] = [
  defineRoute({
    id: "getSystem",
    method: "GET",
    path: "/v1/system",
    summary: "How the server is: versions, executors, database, storage, queue, and what went wrong lately",
    tag: "server",
    access: { permission: "metrics:read", on: "server" },
    responses: { 200: { description: "As it is now", schema: system } },
    async handle(_, { clock, system: about, store, runs, storage }) {
      const [executors, database, use, counts, claimed] = await Promise.all([
        about.executors.availability(),
        about.database.describe(),
        storage.use(),
        store.unfinishedCounts(),
        store.claimed(),
      ]);
      const body: z.infer<typeof system> = {
        version: about.version,
        node_version: process.versions.node,
        started_at: timeOf(about.startedAt),
        uptime_seconds: Math.max(0, clock.now() - about.startedAt) / 1000,
        memory_bytes: process.memoryUsage.rss(),
        executors: { mode: about.executorMode, items: [...executors] },
        database: {
          kind: database.kind,
          version: database.version,
          size_bytes: database.sizeBytes,
          latency_ms: database.latencyMs,
          migrations: [...database.migrations],
        },
        storage: {
          used_bytes: use.usedBytes,
          quota_bytes: Math.round(use.quotaBytes),
          used_percent: use.usedPercent,
          pressure_level: pressureLevel(use.usedPercent),
        },
        queue: {
          runs_waiting: counts.runs.pending,
          runs_going_on: counts.runs.running,
          jobs_going_on: counts.jobs.running,
          driven_here: runs.driven,
          claimed: claimed.length,
        },
        recent_errors: about.errors.list().map(({ firstAt, lastAt, correlationId, ...rest }) => ({
          ...rest,
          first_at: timeOf(firstAt),
          last_at: timeOf(lastAt),
          correlation_id: correlationId,
        })),
      };
      return { status: 200, body };
    },
  }),
];
