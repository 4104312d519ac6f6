import type { ReactElement } from "react";
import type { Job } from "../../api/generated/operations.ts";
import { Icon } from "../../components/icon.tsx";
import { plainText } from "../../log/ansi.ts";
import type { FirstError } from "../../log/log-problems.ts";
import styles from "./failure-reason.module.css";

export interface FailureReasonProps {
  readonly job: Job;
  /** The first line that looks like the error. */
  readonly line: FirstError | null;
  readonly remedy: string;
  readonly onLine: (line: number) => void;
}

const LONGEST = 300;

/** Why a job failed in one line, where its log says so, and what to do about it. */
export function FailureReason({ job, line, remedy, onLine }: FailureReasonProps): ReactElement {
  return (
    <div className={styles.reason}>
      <p className={styles.message} title={job.message}>
        <strong>{job.message === "" ? (job.reason ?? "It failed.") : job.message}</strong>
      </p>
      {line === null ? null : (
        <button type="button" className={styles.line} onClick={() => onLine(line.line)} title="To this line of the log">
          <Icon name="right" size={12} />
          <span className={styles.number}>{line.line + 1}</span>
          <code>{plainText(line.text).slice(0, LONGEST)}</code>
        </button>
      )}
      {remedy === "" ? null : <p className={styles.remedy}>{remedy}</p>}
    </div>
  );
}
