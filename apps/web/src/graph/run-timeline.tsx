import { useQuery } from "@tanstack/react-query";
import { Fragment, type CSSProperties, type ReactElement } from "react";
import type { JobTimeline } from "../api/generated/operations.ts";
import { timelineQuery } from "../api/queries/runs.ts";
import { classNames } from "../components/class-names.ts";
import { ErrorPanel } from "../components/error-panel.tsx";
import { formatDuration } from "../components/format.ts";
import { Skeleton } from "../components/skeleton.tsx";
import { StatusMark } from "../components/status-mark.tsx";
import { statusOf, wordOf } from "../components/status.ts";
import { useNow } from "../components/use-now.ts";
import styles from "./run-timeline.module.css";

export interface RunTimelineProps {
  readonly runId: string;
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
}

type Span = JobTimeline["spans"][number];

const KINDS: Readonly<Record<Span["kind"], string>> = {
  queued: "waited for a slot",
  preparing: "prepared",
  step: "step",
  finishing: "kept artifacts and outputs",
  waiting: "waited for the next attempt",
};
const ROW_PX = 24;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** The run as a waterfall: what waited, was prepared, ran step by step and was kept; the critical path is drawn. */
export function RunTimeline({ runId, selected, onSelect }: RunTimelineProps): ReactElement {
  const { data, error, refetch } = useQuery(timelineQuery(runId));
  const now = useNow(data !== undefined && data.finished_at === null);
  if (data === undefined) {
    return (
      <div className={styles.timeline}>
        {error === null ? <Skeleton rows={4} /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      </div>
    );
  }
  const begin = Date.parse(data.created_at);
  const end = Math.max(begin + 1, data.finished_at === null ? now : Date.parse(data.finished_at));
  const scale: Scale = { begin, end };
  const jobs = data.jobs.toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)));
  const rowOf = new Map<string, number>();
  let count = 0;
  for (const job of jobs) {
    rowOf.set(job.name, count);
    count += 1 + (job.name === selected ? job.spans.length : 0);
  }
  return (
    <div className={styles.timeline} data-timeline={jobs.length}>
      <div className={styles.axis} aria-hidden="true">
        {TICKS.map((tick) => (
          <span key={tick} style={{ insetInlineStart: `${tick * 100}%` }}>
            {formatDuration(tick * (end - begin))}
          </span>
        ))}
      </div>
      <div className={styles.rows}>
        <Path jobs={jobs} ids={data.critical_path} rowOf={rowOf} scale={scale} rows={count} />
        <ul>
          {jobs.map((job) => (
            <Fragment key={job.id}>
              <JobRow job={job} scale={scale} isSelected={job.name === selected} onSelect={onSelect} />
              {job.name === selected
                ? job.spans.map((span, at) => <SpanRow key={at} span={span} scale={scale} />)
                : null}
            </Fragment>
          ))}
        </ul>
      </div>
      <p className={styles.legend}>
        <span className={classNames(styles.sample, styles.queued)} /> waits
        <span className={classNames(styles.sample, styles.preparing)} /> prepares
        <span className={classNames(styles.sample, styles.step)} /> steps
        <span className={classNames(styles.sample, styles.finishing)} /> artifacts
        <span className={classNames(styles.sample, styles.critical)} /> critical path
      </p>
    </div>
  );
}

interface Scale {
  readonly begin: number;
  readonly end: number;
}

function timeOf({ ready_at: ready, started_at: started }: JobTimeline): string {
  return started ?? ready ?? "9";
}

/** @returns percent */
function placeOf(time: number, { begin, end }: Scale): number {
  return Math.max(0, Math.min(100, (100 * (time - begin)) / (end - begin)));
}

function placed(span: Pick<Span, "started_at" | "finished_at">, scale: Scale): CSSProperties {
  const from = placeOf(Date.parse(span.started_at), scale);
  const to = span.finished_at === null ? 100 : placeOf(Date.parse(span.finished_at), scale);
  return { insetInlineStart: `${from}%`, width: `${Math.max(0, to - from)}%` };
}

function lengthOf(span: Pick<Span, "started_at" | "finished_at">, { end }: Scale): string {
  return formatDuration((span.finished_at === null ? end : Date.parse(span.finished_at)) - Date.parse(span.started_at));
}

interface JobRowProps {
  readonly job: JobTimeline;
  readonly scale: Scale;
  readonly isSelected: boolean;
  readonly onSelect: (name: string) => void;
}

function JobRow({ job, scale, isSelected, onSelect }: JobRowProps): ReactElement {
  const { name, status, started_at: started, finished_at: finished, is_critical: isCritical, spans } = job;
  return (
    <li>
      <button
        type="button"
        className={classNames(styles.row, isSelected && styles.selected, isCritical && styles.isCritical)}
        onClick={() => onSelect(name)}
      >
        <span className={styles.name}>
          <StatusMark status={statusOf(status)} word={wordOf(status)} show="icon" size={14} />
          <span className="cut" title={name}>
            {name}
          </span>
          {isCritical ? <span className="unseen">on the critical path</span> : null}
        </span>
        <span className={styles.track}>
          {spans.map((span, at) => (
            <span
              key={at}
              className={classNames(styles.span, styles[span.kind], styles[`is-${statusOf(span.status ?? "pending")}`])}
              style={placed(span, scale)}
              title={`${span.step ?? KINDS[span.kind]}: ${lengthOf(span, scale)}`}
            />
          ))}
        </span>
        <span className={styles.took}>
          {started === null ? "" : lengthOf({ started_at: started, finished_at: finished }, scale)}
        </span>
      </button>
    </li>
  );
}

function SpanRow({ span, scale }: { readonly span: Span; readonly scale: Scale }): ReactElement {
  return (
    <li className={classNames(styles.row, styles.part)}>
      <span className={styles.name}>
        <span className="cut">
          {span.step ?? KINDS[span.kind]}
          {span.attempt > 1 ? ` (attempt ${span.attempt})` : ""}
        </span>
      </span>
      <span className={styles.track}>
        <span
          className={classNames(styles.span, styles[span.kind], styles[`is-${statusOf(span.status ?? "pending")}`])}
          style={placed(span, scale)}
        />
      </span>
      <span className={styles.took}>{lengthOf(span, scale)}</span>
    </li>
  );
}

interface PathProps {
  readonly jobs: readonly JobTimeline[];
  /** Of jobs, from the first to the last. */
  readonly ids: readonly string[];
  readonly rowOf: ReadonlyMap<string, number>;
  readonly scale: Scale;
  readonly rows: number;
}

/** Along each job of the critical path while it runs, and from its end to the beginning of the next. */
function Path({ jobs, ids, rowOf, scale, rows }: PathProps): ReactElement {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  let before: number | null = null;
  const corners = ids.flatMap((id) => {
    const job = byId.get(id);
    const row = rowOf.get(job?.name ?? "");
    if (job === undefined || job.started_at === null || row === undefined) return [];
    const y = row * ROW_PX + ROW_PX - 3;
    const from = placeOf(Date.parse(job.started_at), scale);
    const to = placeOf(job.finished_at === null ? scale.end : Date.parse(job.finished_at), scale);
    const corner = [before ?? from, y];
    before = to;
    return [corner, [from, y], [to, y]];
  });
  const height = rows * ROW_PX;
  return (
    <svg
      className={styles.path}
      viewBox={`0 0 100 ${Math.max(1, height)}`}
      style={{ height }}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polyline points={corners.map(([x = 0, y = 0]) => `${x},${y}`).join(" ")} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
