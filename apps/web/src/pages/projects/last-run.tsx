import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Run } from "../../api/generated/operations.ts";
import { StatusMark } from "../../components/status-mark.tsx";
import { statusOf, wordOf } from "../../components/status.ts";
import { TimeAgo } from "../../components/time-ago.tsx";
import styles from "./projects.module.css";

/** The newest run of each pipeline among some, by the pipeline's id. @param runs newest first */
export function newestRuns(runs: readonly Run[]): ReadonlyMap<string, Run> {
  const newest = new Map<string, Run>();
  for (const run of runs) {
    if (run.pipeline_id !== null && !newest.has(run.pipeline_id)) newest.set(run.pipeline_id, run);
  }
  return newest;
}

export interface LastRunProps {
  readonly run: Run | undefined;
  /** Whether there cannot be an older one than those that were looked at. */
  readonly isAll: boolean;
}

export function LastRun({ run, isAll }: LastRunProps): ReactElement {
  if (run === undefined) return <span className="quiet">{isAll ? "never ran" : "not lately"}</span>;
  return (
    <Link to="/runs/$id" params={{ id: run.id }} className={styles.last}>
      <StatusMark status={statusOf(run.status)} word={wordOf(run.status)} />
      <span className="quiet">
        #{run.number} <TimeAgo time={run.created_at} />
      </span>
    </Link>
  );
}
