import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { artifactsQuery } from "../../api/queries/runs.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { ArtifactList } from "./artifact-list.tsx";
import styles from "./run-facts.module.css";

/** All that the run's jobs kept. */
export function RunArtifacts({ runId }: { readonly runId: string }): ReactElement {
  const { data, error, refetch } = useQuery(artifactsQuery(runId));
  return (
    <div className={styles.facts}>
      {data === undefined && error === null ? <Skeleton /> : null}
      {error === null ? null : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 ? (
        <EmptyState title="No job has kept an artifact">
          <p>
            A job keeps the paths that its <code>artifacts:</code> name.
          </p>
        </EmptyState>
      ) : null}
      <ArtifactList artifacts={data?.items ?? []} namesJob />
    </div>
  );
}
