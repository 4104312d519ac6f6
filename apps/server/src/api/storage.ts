import { actionOf, cleanupIntervalHours, pressureLevel, PRESSURE_LEVELS } from "@waybill/artifacts";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { named, time, timeOf } from "./schemas.ts";

const level = z.enum(["normal", "yellow", "orange", "red", "critical"]);

const storage = named(
  "Storage",
  z.object({
    /** Everything here is as it was then: it is counted once a minute at most. */
    counted_at: time,
    used_bytes: z.int(),
    quota_bytes: z.int(),
    used_percent: z.number(),
    pressure_level: level,
    /** What is done at this level. */
    action: z.string(),
    thresholds: z.array(z.object({ level, from_percent: z.number(), action: z.string() })),
    contents: z.int(),
    /** Contents that were found damaged. */
    quarantined: z.int(),
    /** Hours between cleanups at this level. */
    cleanup_every_hours: z.number(),
    /** Of this server; null: none since it started. */
    last_cleanup: z.nullable(
      z.object({
        finished_at: time,
        removed: z.int(),
        reclaimed_bytes: z.int(),
        corrupted: z.int(),
        pressure_level: level,
      }),
    ),
    /** What the artifacts of each are in bytes, the largest first. Bytes that several share are stored once and count for each. */
    projects: z.array(
      z.object({ project_id: z.nullable(z.uuid()), name: z.nullable(z.string()), artifacts: z.int(), bytes: z.int() }),
    ),
    /** Whether all artifacts were counted for their projects: of more than 100,000 the newest are. */
    is_complete: z.boolean(),
    policies: z.array(
      z.object({
        name: z.string(),
        pattern: z.string(),
        max_age_days: z.number(),
        grace_period_hours: z.number(),
        priority: z.number(),
        enabled: z.boolean(),
      }),
    ),
  }),
);

export const storageRoutes: readonly Route[] = [
  defineRoute({
    id: "getStorage",
    method: "GET",
    path: "/v1/storage",
    summary: "How much the artifacts take, of whom they are, and what is done when it gets full",
    tag: "server",
    access: { permission: "metrics:read", on: "server" },
    responses: { 200: { description: "As it was counted last", schema: storage } },
    async handle(_, services) {
      const use = await services.storage.use();
      const now = pressureLevel(use.usedPercent);
      const cleanup = services.lastCleanup();
      const projects = await Promise.all(
        use.projects.map(async ({ projectId, artifacts, bytes }) => ({
          project_id: projectId,
          name: projectId === null ? null : ((await services.records.projects.find(projectId))?.name ?? null),
          artifacts,
          bytes,
        })),
      );
      const body: z.infer<typeof storage> = {
        counted_at: timeOf(use.countedAt),
        used_bytes: use.usedBytes,
        quota_bytes: Math.round(use.quotaBytes),
        used_percent: use.usedPercent,
        pressure_level: now,
        action: actionOf(now),
        thresholds: PRESSURE_LEVELS.map(([from_percent, each]) => ({
          level: each,
          from_percent,
          action: actionOf(each),
        })),
        contents: use.contents,
        quarantined: use.quarantined,
        cleanup_every_hours: cleanupIntervalHours(now),
        last_cleanup:
          cleanup === null
            ? null
            : {
                finished_at: timeOf(cleanup.finishedAt),
                removed: cleanup.report.artifacts.length,
                reclaimed_bytes: cleanup.report.reclaimed_bytes,
                corrupted: cleanup.report.corrupted.length,
                pressure_level: cleanup.report.level,
              },
        projects: projects.toSorted((one, other) => other.bytes - one.bytes),
        is_complete: use.isComplete,
        policies: services.storage.policies.map((policy) => ({
          name: policy.policy_name,
          pattern: policy.artifact_pattern,
          max_age_days: policy.max_age_days,
          grace_period_hours: policy.grace_period_hours,
          priority: policy.priority,
          enabled: policy.enabled,
        })),
      };
      return { status: 200, body };
    },
  }),
];
