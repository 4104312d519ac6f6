import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Job, Run } from "../../api/generated/operations.ts";
import { jobsQuery } from "../../api/queries/runs.ts";
import { Duration } from "../../components/duration.tsx";
import { countOf, shortRef } from "../../components/format.ts";
import { StatusMark } from "../../components/status-mark.tsx";
import { isSettled, statusOf, wordOf } from "../../components/status.ts";
import { phaseOf } from "./phase.ts";
import styles from "./run-list.module.css";

export interface ProgressListProps {
  readonly runs: readonly Run[];
  /** So many more are not shown. */
  readonly more: number;
}

/** Runs that go on: how far each is, and with what. */
export function ProgressList({ runs, more }: ProgressListProps): ReactElement {
  if (runs.length === 0) return <p className={styles.none}>Nothing runs.</p>;
  return (
    <ul>
      {runs.map((run) => (
        <RunInProgress key={run.id} run={run} />
      ))}
      {more > 0 ? <li className={styles.more}>and {countOf(more, "more run")} below</li> : null}
    </ul>
  );
}

function RunInProgress({ run }: { readonly run: Run }): ReactElement {
  // Of a run that waits there are no jobs yet.
  const { data } = useQuery({ ...jobsQuery(run.id), enabled: run.status === "running" });
  const jobs = data?.items ?? [];
  return (
    <li className={styles.row}>
      <StatusMark status={statusOf(run.status)} word={wordOf(run.status)} show="icon" />
      <div className={styles.what}>
        <div className={styles.line}>
          <Link to="/runs/$id" params={{ id: run.id }} className={styles.link} data-row="">
            <span className="cut">{run.pipeline_name}</span> <span className={styles.number}>#{run.number}</span>
          </Link>
          <span className={styles.ref}>{run.git_ref === null ? "" : shortRef(run.git_ref)}</span>
          <span className={styles.time}>
            {run.started_at === null ? "queued" : <Duration from={run.started_at} to={run.finished_at} />}
          </span>
        </div>
        {jobs.length === 0 ? null : <Progress jobs={jobs} />}
      </div>
    </li>
  );
}

function Progress({ jobs }: { readonly jobs: readonly Job[] }): ReactElement {
  const settled = jobs.filter(({ status }) => isSettled(status)).length;
  const phase = phaseOf(jobs);
  return (
    <div className={styles.progress}>
      <progress
        className={styles.bar}
        max={jobs.length}
        value={settled}
        aria-label={`${settled} of ${countOf(jobs.length, "job")} done`}
      />
      <span className={styles.tally}>
        {settled}/{jobs.length}
      </span>
      <span className={styles.phase} title={phase}>
        {phase}
      </span>
    </div>
  );
}
