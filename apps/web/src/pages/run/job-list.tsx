import { memo, type ReactElement } from "react";
import type { Job } from "../../api/generated/operations.ts";
import { classNames } from "../../components/class-names.ts";
import { Duration } from "../../components/duration.tsx";
import { countOf } from "../../components/format.ts";
import { StatusMark } from "../../components/status-mark.tsx";
import { markOf } from "../../graph/job-mark.ts";
import styles from "./job-list.module.css";

export interface JobListProps {
  readonly jobs: readonly Job[];
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
}

/** All jobs, in the order of the definition. */
export function JobList({ jobs, selected, onSelect }: JobListProps): ReactElement {
  return (
    <nav className={styles.panel} aria-label="Jobs">
      <h2 className={styles.title}>{countOf(jobs.length, "job")}</h2>
      <ul className={styles.list}>
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} isSelected={job.name === selected} onSelect={onSelect} />
        ))}
      </ul>
    </nav>
  );
}

interface JobRowProps {
  readonly job: Job;
  readonly isSelected: boolean;
  readonly onSelect: (name: string) => void;
}

const JobRow = memo(function JobRow({ job, isSelected, onSelect }: JobRowProps): ReactElement {
  return (
    <li>
      <button
        type="button"
        className={classNames(styles.row, isSelected && styles.selected)}
        aria-current={isSelected}
        onClick={() => onSelect(job.name)}
        data-row=""
      >
        <StatusMark {...markOf(job)} show="icon" />
        <span className={styles.name} title={job.name}>
          {job.name}
        </span>
        <span className={styles.time}>
          {job.attempts > 1 ? <span title={`${job.attempts} attempts`}>×{job.attempts} </span> : null}
          <Duration from={job.started_at} to={job.finished_at} />
        </span>
      </button>
    </li>
  );
});
