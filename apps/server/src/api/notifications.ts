import { projectsWhere } from "@waybill/access";
import * as z from "zod/mini";
import { principalOf, projectIdsOf } from "../access/guard.ts";
import { defineRoute, type Route } from "../http/route.ts";
import { approval, approvalJson } from "./access/approvals.ts";
import { run, runJson, type RunJson } from "./runs.ts";
import { instant, named, time, timeOf } from "./schemas.ts";

const WEEK_MS = 7 * 86_400_000;
const MAX_APPROVALS = 50;
/** Failed runs that are looked at, and those of the caller that are told of. */
const LOOKED_AT = 100;
const MAX_RUNS = 20;

const notifications = named(
  "Notifications",
  z.object({
    /** What the caller may decide on, the oldest first. */
    approvals: z.array(approval),
    /** Runs that the caller has started and that failed, newest first. */
    failed_runs: z.array(run),
    since: time,
    /** False: there may be more than are listed here. */
    is_complete: z.boolean(),
  }),
);

export const notificationRoutes: readonly Route[] = [
  defineRoute({
    id: "listNotifications",
    method: "GET",
    path: "/v1/notifications",
    summary: "What waits for the caller: approvals to decide on, and own runs that failed since then, within a week",
    tag: "runs",
    access: { permission: "runs:read", on: "projects" },
    query: z.strictObject({
      /** Default, and the earliest: a week ago. */
      since: z.optional(instant),
    }),
    responses: { 200: { description: "All of it", schema: notifications } },
    async handle(request, { access, store, clock }) {
      const principal = principalOf(request);
      const deciding = projectsWhere(principal, "approvals:decide");
      const pending = await access.approvals.pending(deciding === "all" ? null : [...deciding], MAX_APPROVALS + 1);
      const given = request.query.since;
      const since = Math.max(clock.now() - WEEK_MS, given === undefined ? 0 : Date.parse(given));
      const projectIds = projectIdsOf(request);
      const page = await store.page({ projectIds, status: "failed", since, limit: LOOKED_AT });
      const failed: RunJson[] = [];
      for (const record of page) {
        if (failed.length >= MAX_RUNS) break;
        const origin = await store.origin(record.id);
        if (origin?.triggerEvent["actor"] === principal.actorId) failed.push(runJson(record));
      }
      const body: z.infer<typeof notifications> = {
        approvals: pending.slice(0, MAX_APPROVALS).map(approvalJson),
        failed_runs: failed,
        since: timeOf(since),
        is_complete: pending.length <= MAX_APPROVALS && page.length < LOOKED_AT && failed.length < MAX_RUNS,
      };
      return { status: 200, body };
    },
  }),
];
