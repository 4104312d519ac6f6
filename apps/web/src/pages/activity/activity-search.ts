import type { QueryClient } from "@tanstack/react-query";
import { approvalsQuery, notificationsQuery } from "../../api/queries/access.ts";
import { filteredRunsQuery, type RunFilter, type RunStatus } from "../../api/queries/run-filter.ts";
import { runsQuery, type RunPage } from "../../api/queries/runs.ts";
import type { Query } from "../../api/query.ts";

const SHOWN_IN_PANELS = 20;

export function panelQuery(status: RunStatus): Query<RunPage> {
  return runsQuery({ limit: SHOWN_IN_PANELS, status });
}

/** Asks for all that the page shows, while its code is on the way. */
export function prefetchActivity(client: QueryClient, filter: RunFilter): void {
  for (const status of ["running", "pending", "failed"] as const) void client.prefetchQuery(panelQuery(status));
  void client.prefetchQuery(filteredRunsQuery(filter));
  void client.prefetchQuery(approvalsQuery());
  void client.prefetchQuery(notificationsQuery());
}
