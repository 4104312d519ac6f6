import type { QueryClient } from "@tanstack/react-query";
import { pipelinesQuery, projectQuery, projectsQuery } from "../../api/queries/projects.ts";
import { membersQuery } from "../../api/queries/settings.ts";
import { textOf } from "../../api/queries/run-filter.ts";
import { runsQuery, type RunPage } from "../../api/queries/runs.ts";
import type { Query } from "../../api/query.ts";

export interface ProjectsSearch {
  /** Part of a name. */
  readonly q?: string;
}

export function projectsSearch(search: Record<string, unknown>): ProjectsSearch {
  const q = textOf(search["q"]);
  return q === null ? {} : { q };
}

const RECENT = 200;

/** The newest runs, among which the last one of each pipeline is looked for. */
export function recentRunsQuery(projectId?: string): Query<RunPage> {
  return runsQuery({ limit: RECENT, ...(projectId === undefined ? {} : { project_id: projectId }) });
}

export function prefetchProjects(client: QueryClient): void {
  void client.prefetchQuery(projectsQuery());
  void client.prefetchQuery(pipelinesQuery());
  void client.prefetchQuery(recentRunsQuery());
}

export function prefetchProject(client: QueryClient, id: string): void {
  void client.prefetchQuery(projectQuery(id));
  void client.prefetchQuery(pipelinesQuery());
  void client.prefetchQuery(recentRunsQuery(id));
  void client.prefetchQuery(membersQuery(id));
}
