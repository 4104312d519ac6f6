import type { QueryClient } from "@tanstack/react-query";
import { definitionQuery, pipelineQuery, statisticsQuery } from "../../api/queries/projects.ts";
import { filteredRunsQuery, runFilter, textOf, type RunFilter } from "../../api/queries/run-filter.ts";

export const PIPELINE_TABS = ["runs", "definition", "hook", "settings"] as const;
export type PipelineTab = (typeof PIPELINE_TABS)[number];

export const RANGES = ["7", "30", "90"] as const;
export type Range = (typeof RANGES)[number];
export const DEFAULT_RANGE: Range = "30";

/** What of a pipeline is shown, as the address has it. */
export interface PipelineSearch extends RunFilter {
  readonly tab?: PipelineTab;
  /** Days that the charts look back. */
  readonly days?: Range;
  /** The branch or tag whose file is shown, and started from. */
  readonly at?: string;
  /** The form to start a run is open. */
  readonly start?: "yes";
}

export function pipelineSearch(search: Record<string, unknown>): PipelineSearch {
  const tab = PIPELINE_TABS.find((each) => each === search["tab"] && each !== "runs");
  const days = RANGES.find((each) => each === String(search["days"]) && each !== DEFAULT_RANGE);
  const at = textOf(search["at"]);
  return {
    ...runFilter(search),
    ...(tab === undefined ? {} : { tab }),
    ...(days === undefined ? {} : { days }),
    ...(at === null ? {} : { at }),
    ...(search["start"] === "yes" ? { start: "yes" as const } : {}),
  };
}

/** The filters among it. */
export function filterOf(search: PipelineSearch): RunFilter {
  const { project: _, ...filter } = runFilter({ ...search });
  return filter;
}

export function prefetchPipeline(client: QueryClient, id: string, search: PipelineSearch): void {
  void client.prefetchQuery(pipelineQuery(id));
  if (search.tab === "definition") void client.prefetchQuery(definitionQuery(id, search.at));
  if (search.tab !== undefined) return;
  void client.prefetchQuery(filteredRunsQuery(filterOf(search), id));
  void client.prefetchQuery(statisticsQuery(id, Number(search.days ?? DEFAULT_RANGE)));
}
