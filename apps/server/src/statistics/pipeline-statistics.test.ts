import type { JobSample, RunSample } from "@waybill/database";
import { expect, test } from "vitest";
import { pipelineStatistics } from "./pipeline-statistics.ts";

const DAY = 86_400_000;
const SINCE = Date.parse("2026-01-01T12:00:00Z");
const RANGE = { since: SINCE, until: SINCE + 2 * DAY };

function run(status: string, createdAt: number, seconds: number | null): RunSample {
  const startedAt = seconds === null ? null : createdAt + 2_000;
  const finishedAt = startedAt === null || status === "running" ? null : startedAt + (seconds ?? 0) * 1000;
  return { id: "x", status, createdAt, startedAt, finishedAt };
}

function job(name: string, status: string, attempts: number, seconds: number): JobSample {
  return { name, status, attempts, startedAt: 0, finishedAt: seconds * 1000 };
}

test("rates, spreads and days come with what they are made of", () => {
  const runs = [
    ...[1, 2, 3, 4].map((seconds) => run("success", SINCE + DAY, seconds)),
    run("failed", SINCE, 100),
    run("cancelled", SINCE, 1_000),
    run("running", SINCE + 2 * DAY, 5),
    run("pending", SINCE + 2 * DAY, null),
  ];
  const statistics = pipelineStatistics(runs, [], RANGE);
  expect(statistics.success_rate).toEqual({ value: 0.8, numerator: 4, denominator: 5 });
  expect(statistics.duration).toEqual({ p50: 3, p95: 100, sample_size: 5 });
  expect(statistics.queue).toEqual({ p50: 2, p95: 2, sample_size: 7 });
  expect(statistics.per_day).toMatchObject([
    { date: "2026-01-01", success: 0, failed: 1, cancelled: 1, unfinished: 0 },
    { date: "2026-01-02", success: 4, failed: 0, duration: { p50: 2, p95: 4, sample_size: 4 } },
    { date: "2026-01-03", success: 0, unfinished: 2, duration: { p50: null, p95: null, sample_size: 0 } },
  ]);
});

test("jobs are slow by their median, and flaky where they succeeded only later", () => {
  const jobs = [
    ...[1, 1, 50].map((seconds) => job("build", "success", 1, seconds)),
    ...[10, 11].map((seconds) => job("test", "success", 2, seconds)),
    job("test", "success", 1, 12),
    job("test", "failed", 3, 13),
    job("skipped", "cancelled", 0, 99),
    job("reused", "success", 0, 0),
  ];
  const { slowest_jobs: slowest, flaky_jobs: flaky } = pipelineStatistics([], jobs, RANGE);
  expect(slowest.map(({ name, p50, sample_size: size }) => [name, p50, size])).toEqual([
    ["test", 11, 4],
    ["build", 1, 3],
    ["reused", 0, 1],
  ]);
  expect(flaky).toEqual([{ name: "test", value: 2 / 3, numerator: 2, denominator: 3 }]);
});

test("of nothing there is no rate", () => {
  const { success_rate: rate, duration } = pipelineStatistics([], [], RANGE);
  expect([rate.value, duration.p50]).toEqual([null, null]);
});
