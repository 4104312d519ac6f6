import type { CSSProperties, ReactElement } from "react";
import type { Job } from "../api/generated/operations.ts";
import { classNames } from "../components/class-names.ts";
import { formatDuration } from "../components/format.ts";
import { StatusMark } from "../components/status-mark.tsx";
import { statusOf, wordOf } from "../components/status.ts";
import { useNow } from "../components/use-now.ts";
import styles from "./run-timeline.module.css";

export interface RunTimelineProps {
  readonly jobs: readonly Job[];
  /** RFC 3339: where the time line begins. */
  readonly createdAt: string;
  /** Null: it goes on. */
  readonly finishedAt: string | null;
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
}

interface Bar {
  readonly from: number;
  readonly to: number;
}

/** The run as a waterfall: what waited, what ran, step by step. The server's time line with its critical path joins here. */
export function RunTimeline({ jobs, createdAt, finishedAt, selected, onSelect }: RunTimelineProps): ReactElement {
  const now = useNow(finishedAt === null);
  const begin = Date.parse(createdAt);
  const end = Math.max(begin + 1, finishedAt === null ? now : Date.parse(finishedAt));
  const place = ({ from, to }: Bar): CSSProperties => ({
    left: `${(100 * (from - begin)) / (end - begin)}%`,
    width: `${(100 * Math.max(0, to - from)) / (end - begin)}%`,
  });
  return (
    <div className={styles.timeline}>
      <ul>
        {jobs.map((job) => {
          const span = barOf(job.started_at, job.finished_at, end);
          return (
            <li key={job.id}>
              <button
                type="button"
                className={classNames(styles.row, job.name === selected && styles.selected)}
                onClick={() => onSelect(job.name)}
              >
                <span className={styles.name}>
                  <StatusMark status={statusOf(job.status)} word={wordOf(job.status)} show="icon" size={14} />
                  <span className="cut">{job.name}</span>
                </span>
                <span className={styles.track}>
                  {span === null ? null : (
                    <>
                      <span className={styles.wait} style={place({ from: begin, to: span.from })} />
                      <span className={classNames(styles.bar, styles[statusOf(job.status)])} style={place(span)} />
                      {job.steps.map((step) => {
                        const part = barOf(step.started_at, step.finished_at, end);
                        return part === null ? null : (
                          <span
                            key={step.id}
                            className={classNames(styles.step, styles[statusOf(step.status)])}
                            style={place(part)}
                            title={`${step.name}: ${formatDuration(part.to - part.from)}`}
                          />
                        );
                      })}
                    </>
                  )}
                </span>
                <span className={styles.took}>{span === null ? "" : formatDuration(span.to - span.from)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function barOf(from: string | null, to: string | null, end: number): Bar | null {
  return from === null ? null : { from: Date.parse(from), to: to === null ? end : Date.parse(to) };
}
