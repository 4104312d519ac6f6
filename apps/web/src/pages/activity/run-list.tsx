import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Run } from "../../api/generated/operations.ts";
import { Duration } from "../../components/duration.tsx";
import { countOf, shortRef } from "../../components/format.ts";
import { StatusMark } from "../../components/status-mark.tsx";
import { statusOf, wordOf } from "../../components/status.ts";
import styles from "./run-list.module.css";

export interface RunListProps {
  readonly runs: readonly Run[];
  /** So many more are not shown. */
  readonly more: number;
  /** What is said where there are none. */
  readonly none: string;
}

/** A few runs, a line each. */
export function RunList({ runs, more, none }: RunListProps): ReactElement {
  if (runs.length === 0) return <p className={styles.none}>{none}</p>;
  return (
    <ul>
      {runs.map((run) => (
        <li key={run.id} className={styles.row}>
          <StatusMark status={statusOf(run.status)} word={wordOf(run.status)} show="icon" />
          <Link to="/runs/$id" params={{ id: run.id }} className={styles.link} data-row="">
            <span className="cut">{run.pipeline_name}</span> <span className={styles.number}>#{run.number}</span>
          </Link>
          <span className={styles.ref}>{run.git_ref === null ? "" : shortRef(run.git_ref)}</span>
          <span className={styles.time}>
            {run.started_at === null ? "queued" : <Duration from={run.started_at} to={run.finished_at} />}
          </span>
        </li>
      ))}
      {more > 0 ? <li className={styles.more}>and {countOf(more, "more run")} below</li> : null}
    </ul>
  );
}
