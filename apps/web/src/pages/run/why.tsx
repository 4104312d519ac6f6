import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { explanationQuery, timelineQuery } from "../../api/queries/runs.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Duration } from "../../components/duration.tsx";
import styles from "./why.module.css";

export interface WhyProps {
  readonly runId: string;
  readonly jobId: string;
}

/** Why a job ran, waits, was skipped or failed: each rule and how it came out. */
export function Why({ runId, jobId }: WhyProps): ReactElement {
  const { data, error, refetch } = useQuery(explanationQuery(runId, jobId));
  const timeline = useQuery(timelineQuery(runId));
  if (data === undefined) {
    return (
      <div className={styles.why}>
        {error === null ? <Skeleton /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      </div>
    );
  }
  const job = timeline.data?.jobs.find(({ id }) => id === jobId);
  return (
    <div className={styles.why}>
      <p className={styles.summary}>{data.summary}</p>
      {data.remedy === "" ? null : <p className="quiet">{data.remedy}</p>}
      <ul className={styles.rules}>
        {data.rules.map(({ rule, outcome, text }, at) => (
          <li key={`${rule} ${at}`} className={styles.rule}>
            <code>{rule}</code>
            <span className={styles.outcome}>{outcome}</span>
            <span>{text}</span>
          </li>
        ))}
      </ul>
      {data.attempts.length === 0 ? null : (
        <ol className={styles.rules} aria-label="Attempts">
          {data.attempts.map(({ attempt, executor }) => {
            const times = job?.attempts.find((each) => each.attempt === attempt);
            const retry = times?.retry ?? null;
            return (
              <li key={attempt} className={styles.rule}>
                <code>attempt {attempt}</code>
                <span className={styles.outcome}>{executor}</span>
                <span>
                  {times === undefined ? null : <Duration from={times.started_at} to={times.finished_at} />}
                  {retry === null ? null : ` · tried again: ${retry.message} (${retry.reason})`}
                </span>
              </li>
            );
          })}
        </ol>
      )}
    </div>
  );
}
