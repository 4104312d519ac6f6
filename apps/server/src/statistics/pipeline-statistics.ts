import type { JobSample, RunSample } from "@waybill/database";

const DAY_MS = 86_400_000;
/** Jobs that are listed. */
const MOST_JOBS = 10;

/** A share with what it is a share of; null where that is nothing. */
export interface Share {
  readonly value: number | null;
  readonly numerator: number;
  readonly denominator: number;
}

/** In seconds; null where there is nothing to measure. */
export interface Spread {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly sample_size: number;
}

export interface PipelineStatistics {
  /** Of the runs that succeeded or failed; those that were cancelled say nothing of the pipeline. */
  readonly success_rate: Share;
  /** From their beginning to their end, of the same runs. */
  readonly duration: Spread;
  /** From their creation to their beginning, of all that have begun. */
  readonly queue: Spread;
  /** Each day of the range in UTC, oldest first, those without runs among them. */
  readonly per_day: readonly {
    readonly date: string;
    readonly success: number;
    readonly failed: number;
    readonly cancelled: number;
    readonly unfinished: number;
    readonly duration: Spread;
  }[];
  /** By the median of the time they took. */
  readonly slowest_jobs: readonly ({ readonly name: string } & Spread)[];
  /** Jobs that succeeded only when they were tried again, of all that succeeded. */
  readonly flaky_jobs: readonly ({ readonly name: string } & Share)[];
}

/** Linear in the samples, but for sorting. Times are milliseconds since the epoch. */
export function pipelineStatistics(
  runs: readonly RunSample[],
  jobs: readonly JobSample[],
  { since, until }: { readonly since: number; readonly until: number },
): PipelineStatistics {
  const decided = runs.filter(({ status }) => status === "success" || status === "failed");
  const byDay = Map.groupBy(runs, ({ createdAt }) => dateOf(createdAt));
  const byName = [...Map.groupBy(jobs, ({ name }) => name)];
  const spreads = byName.map(([name, of]) => ({
    name,
    ...spreadOf(of.filter(({ status }) => status === "success" || status === "failed").flatMap(durationOf)),
  }));
  const shares = byName.map(([name, of]) => {
    const succeeded = of.filter(({ status, attempts }) => status === "success" && attempts > 0);
    return { name, ...shareOf(succeeded.filter(({ attempts }) => attempts > 1).length, succeeded.length) };
  });
  return {
    success_rate: shareOf(decided.filter(({ status }) => status === "success").length, decided.length),
    duration: spreadOf(decided.flatMap(durationOf)),
    queue: spreadOf(runs.flatMap(({ createdAt, startedAt }) => (startedAt === null ? [] : [startedAt - createdAt]))),
    per_day: datesOf(since, until).map((date) => {
      const of = byDay.get(date) ?? [];
      const count = (...statuses: string[]): number => of.filter(({ status }) => statuses.includes(status)).length;
      return {
        date,
        success: count("success"),
        failed: count("failed"),
        cancelled: count("cancelled"),
        unfinished: count("pending", "running"),
        duration: spreadOf(of.filter(({ status }) => status === "success" || status === "failed").flatMap(durationOf)),
      };
    }),
    slowest_jobs: spreads
      .filter(({ sample_size: size }) => size > 0)
      .toSorted((one, other) => (other.p50 ?? 0) - (one.p50 ?? 0))
      .slice(0, MOST_JOBS),
    flaky_jobs: shares
      .filter(({ numerator }) => numerator > 0)
      .toSorted((one, other) => (other.value ?? 0) - (one.value ?? 0))
      .slice(0, MOST_JOBS),
  };
}

function durationOf({ startedAt, finishedAt }: Pick<RunSample, "startedAt" | "finishedAt">): readonly number[] {
  return startedAt === null || finishedAt === null ? [] : [finishedAt - startedAt];
}

function shareOf(numerator: number, denominator: number): Share {
  return { value: denominator === 0 ? null : numerator / denominator, numerator, denominator };
}

/** Percentiles by nearest rank: each is a duration that there was. */
function spreadOf(milliseconds: readonly number[]): Spread {
  const sorted = milliseconds.toSorted((one, other) => one - other);
  const rank = (share: number): number | null => {
    const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    return found === undefined ? null : found / 1000;
  };
  return { p50: rank(0.5), p95: rank(0.95), sample_size: sorted.length };
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function datesOf(since: number, until: number): readonly string[] {
  const dates: string[] = [];
  for (let day = Math.floor(since / DAY_MS); day * DAY_MS <= until; day += 1) dates.push(dateOf(day * DAY_MS));
  return dates;
}
