import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { filteredRunsQuery, isFiltered } from "../api/queries/run-filter.ts";
import { Button } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";
import { ErrorPanel } from "./error-panel.tsx";
import { Panel } from "./panel.tsx";
import { RunFilters, type RunFiltersProps } from "./run-filters.tsx";
import { RunTable } from "./run-table.tsx";
import { Skeleton } from "./skeleton.tsx";
import styles from "./run-history.module.css";

export interface RunHistoryProps extends RunFiltersProps {
  /** Undefined: of all pipelines. */
  readonly pipelineId?: string;
  /** What is said where there is no run at all. */
  readonly none: ReactNode;
}

/** Runs, newest first, by filters and in pages that the address holds. */
export function RunHistory({ filter, onChange, projects, pipelineId, none }: RunHistoryProps): ReactElement {
  const query = filteredRunsQuery(filter, pipelineId);
  const { data, error, refetch } = useQuery({ ...query, placeholderData: keepPreviousData });
  const { cursor, ...newest } = filter;
  const next = data?.next_cursor ?? null;
  return (
    <Panel title="Runs" actions={<RunFilters filter={filter} onChange={onChange} projects={projects} />} isFlush>
      {data === undefined ? (
        <div className={styles.inset}>
          {error === null ? (
            <Skeleton rows={8} height={28} />
          ) : (
            <ErrorPanel error={error} onRetry={() => void refetch()} />
          )}
        </div>
      ) : data.items.length > 0 ? (
        <RunTable runs={data.items} />
      ) : (
        <div className={styles.inset}>
          {isFiltered(filter) ? (
            <EmptyState title="No run matches these filters">
              <p className={styles.clear}>
                <Button onClick={() => onChange({})}>Show all runs</Button>
              </p>
            </EmptyState>
          ) : (
            none
          )}
        </div>
      )}
      {cursor === undefined && next === null ? null : (
        <footer className={styles.pages}>
          {cursor === undefined ? null : <Button onClick={() => onChange(newest)}>Newest</Button>}
          {next === null ? null : <Button onClick={() => onChange({ ...filter, cursor: next })}>Older</Button>}
        </footer>
      )}
    </Panel>
  );
}
