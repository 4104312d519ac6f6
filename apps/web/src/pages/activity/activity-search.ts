import type { QueryClient } from "@tanstack/react-query";
import { approvalsQuery } from "../../api/queries/access.ts";
import { runsQuery, type RunPage } from "../../api/queries/runs.ts";
import type { Query } from "../../api/query.ts";

const STATUSES = ["pending", "running", "success", "failed", "cancelled"] as const;

export type RunStatus = (typeof STATUSES)[number];

/** Filters of the table of runs, as the address has them. */
export interface ActivitySearch {
  readonly status?: RunStatus;
  readonly branch?: string;
  readonly cursor?: string;
}

const SHOWN = 50;
const SHOWN_IN_PANELS = 20;

export function activitySearch(search: Record<string, unknown>): ActivitySearch {
  const status = STATUSES.find((each) => each === search["status"]);
  // An address is text: a branch may be `12` or `true`.
  const [branch, cursor] = [textOf(search["branch"]), textOf(search["cursor"])];
  return {
    ...(status === undefined ? {} : { status }),
    ...(branch === null ? {} : { branch }),
    ...(cursor === null ? {} : { cursor }),
  };
}

function textOf(value: unknown): string | null {
  const isText = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isText && value !== "" ? String(value) : null;
}

export function tableQuery(search: ActivitySearch): Query<RunPage> {
  return runsQuery({ limit: SHOWN, ...search });
}

export function panelQuery(status: RunStatus): Query<RunPage> {
  return runsQuery({ limit: SHOWN_IN_PANELS, status });
}

/** Asks for all that the page shows, while its code is on the way. */
export function prefetchActivity(client: QueryClient, search: ActivitySearch): void {
  for (const status of ["running", "pending", "failed"] as const) void client.prefetchQuery(panelQuery(status));
  void client.prefetchQuery(tableQuery(search));
  void client.prefetchQuery(approvalsQuery());
}
