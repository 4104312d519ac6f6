import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { DurationSpread, PipelineStatistics } from "../../api/generated/operations.ts";
import { statisticsQuery } from "../../api/queries/projects.ts";
import { BarChart } from "../../charts/bar-chart.tsx";
import type { ChartColumn } from "../../charts/chart-frame.tsx";
import { LineChart } from "../../charts/line-chart.tsx";
import { countAxis, durationAxis, SHARE_AXIS } from "../../charts/scale.ts";
import { ChoiceBar } from "../../components/choice-bar.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { countOf, formatDuration } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { RANGES, type Range } from "./pipeline-search.ts";
import styles from "./trends.module.css";

export interface TrendsProps {
  readonly pipelineId: string;
  readonly days: Range;
  readonly onDays: (days: Range) => void;
}

/** How runs went over the last days: outcomes, success rate, durations, and which jobs are slow or flaky. */
export function Trends({ pipelineId, days, onDays }: TrendsProps): ReactElement {
  const { data, error, refetch } = useQuery({
    ...statisticsQuery(pipelineId, Number(days)),
    placeholderData: keepPreviousData,
  });
  return (
    <Panel
      title="Trends"
      actions={
        <ChoiceBar
          label="Days"
          choices={RANGES.map((range) => [range, `${range} days`])}
          value={days}
          onChange={onDays}
        />
      }
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton rows={1} height={190} />
        ) : (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        )
      ) : data.per_day.every((day) => day.success + day.failed + day.cancelled + day.unfinished === 0) ? (
        <p className={styles.none}>No run in the last {days} days.</p>
      ) : (
        <Charts statistics={data} />
      )}
    </Panel>
  );
}

function Charts({ statistics }: { readonly statistics: PipelineStatistics }): ReactElement {
  const { per_day: perDay, success_rate: rate, duration, queue } = statistics;
  const outcomes = perDay.map((day) => [day.success, day.failed, day.cancelled, day.unfinished] as const);
  const totals = outcomes.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  const largest = perDay.reduce((most, { duration: { p95 } }) => Math.max(most, p95 ?? 0), 0);
  const columns = (of: (day: PipelineStatistics["per_day"][number], at: number) => Omit<ChartColumn, "id" | "label">) =>
    perDay.map((day, at): ChartColumn => ({ id: day.date, label: shortDate(day.date), ...of(day, at) }));
  return (
    <>
      <div className={styles.charts}>
        <BarChart
          title="Runs a day"
          summary={countOf(
            totals.reduce((sum, count) => sum + count, 0),
            "run",
          )}
          series={[
            { name: "success", tone: "success" },
            { name: "failed", tone: "failed" },
            { name: "cancelled", tone: "cancelled" },
            { name: "not over", tone: "unfinished" },
          ]}
          columns={columns((_, at) => ({
            values: outcomes[at] ?? [],
            basis: countOf(totals[at] ?? 0, "run"),
          }))}
          axis={countAxis(Math.max(0, ...totals))}
          format={String}
        />
        <LineChart
          title="Success rate"
          summary={
            rate.value === null
              ? "no run has ended"
              : `${percent(rate.value)}: ${rate.numerator} of ${rate.denominator} that succeeded or failed`
          }
          series={[{ name: "success rate", tone: "success" }]}
          columns={columns(({ success, failed }) => ({
            values: [success + failed === 0 ? null : success / (success + failed)],
            basis:
              success + failed === 0 ? "no run ended" : `${success} of ${success + failed} that succeeded or failed`,
          }))}
          axis={SHARE_AXIS}
          format={percent}
        />
        <LineChart
          title="Duration"
          summary={spreadText(duration)}
          series={[
            { name: "median", tone: "first" },
            { name: "95th percentile", tone: "second" },
          ]}
          columns={columns(({ duration: { p50, p95, sample_size: size } }) => ({
            values: [p50, p95],
            basis: size === 0 ? "no run ended" : countOf(size, "run"),
          }))}
          axis={durationAxis(largest)}
          format={seconds}
        />
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>In the queue</dt>
          <dd>{spreadText(queue)}</dd>
        </div>
        <div>
          <dt>Slowest jobs</dt>
          <dd>
            {statistics.slowest_jobs.length === 0
              ? "none has ended"
              : statistics.slowest_jobs
                  .slice(0, 3)
                  .map(({ name, p50, sample_size: size }) => `${name} ${seconds(p50 ?? 0)} (${size})`)
                  .join(" · ")}
          </dd>
        </div>
        <div>
          <dt>Flaky jobs</dt>
          <dd>
            {statistics.flaky_jobs.length === 0
              ? "none: no job needed a second attempt to succeed"
              : statistics.flaky_jobs
                  .slice(0, 3)
                  .map(({ name, numerator, denominator }) => `${name} ${numerator} of ${denominator}`)
                  .join(" · ")}
          </dd>
        </div>
      </dl>
      {statistics.is_complete ? null : (
        <p className={styles.incomplete}>There are more runs than could be looked at: the newest 20,000 are counted.</p>
      )}
    </>
  );
}

function spreadText({ p50, p95, sample_size: size }: DurationSpread): string {
  return p50 === null || p95 === null
    ? "nothing measured"
    : `median ${seconds(p50)}, 95 % under ${seconds(p95)}, of ${countOf(size, "run")}`;
}

function seconds(value: number): string {
  return formatDuration(value * 1000);
}

function percent(value: number): string {
  const text = (value * 100).toFixed(1).replace(/\.0$/, "");
  return `${text} %`;
}

/** Of `2026-03-09`, in UTC as the days are. */
function shortDate(date: string): string {
  return new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" }).format(
    Date.parse(date),
  );
}
