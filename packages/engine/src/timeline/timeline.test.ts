import { describe, expect, it } from "vitest";
import type { RunEvent } from "../events.ts";
import { NO_ORIGIN, type JobRecord, type RunRecord, type StoredEvent } from "../ports/run-store.ts";
import { definitionOf } from "../testing/index.ts";
import { timelineOf, type RunTimeline } from "./timeline.ts";

const RUN: RunRecord = {
  ...{ id: "run", number: 1, pipelineName: "demo", file: "waybill.yaml", trigger: "manual", status: "success" },
  ...{ reason: null, createdAt: 0, startedAt: 10, finishedAt: 900, ...NO_ORIGIN },
};

function job(
  name: string,
  startedAt: number | null,
  finishedAt: number | null,
  change: Partial<JobRecord> = {},
): JobRecord {
  const common = { reason: null, message: "", attempts: 1, outputs: {} };
  const status = finishedAt === null ? "running" : "success";
  return { id: `id-${name}`, name, status, ...common, startedAt, finishedAt, ...change };
}

function stored(...events: readonly (readonly [number, RunEvent])[]): readonly StoredEvent[] {
  return events.map(([time, event], index) => ({ seq: index + 1, time, event }));
}

const started = (name: string, attempt = 1): RunEvent => ({
  type: "job.started",
  job: name,
  attempt,
  executor: "process",
});
const step = (name: string, attempt = 1): RunEvent => ({ type: "step.started", job: name, step: "make", attempt });
const stepEnd = (name: string, status: "success" | "failed"): RunEvent => ({
  ...{ type: "step.finished", job: name, step: "make", attempt: 1, status, exit_code: 0, signal: null },
  ...{ reason: null, duration_ms: 1 },
});
const ended = (name: string): RunEvent => ({
  ...{ type: "job.finished", job: name, status: "success", reason: null, message: "", attempts: 1, duration_ms: 1 },
});

function spansOf({ jobs }: RunTimeline, name: string): string[] {
  const { spans = [] } = jobs.find((each) => each.name === name) ?? {};
  return spans.map(({ kind, attempt, startedAt, finishedAt }) => `${kind}/${attempt} ${startedAt}-${finishedAt ?? ""}`);
}

describe("the timeline of a run", () => {
  it("says where the time of a job went: queue, preparation, steps, what comes behind them", () => {
    const events = stored(
      ...([
        [20, started("a")],
        [25, step("a")],
        [50, stepEnd("a", "success")],
        [50, step("a")],
        [70, stepEnd("a", "success")],
        [90, ended("a")],
        [95, started("b")],
        [95, step("b")],
      ] as const),
    );
    const definition = definitionOf({ a: {}, b: { dependsOn: ["a"] } });
    const timeline = timelineOf({ run: RUN, definition, jobs: [job("a", 20, 90), job("b", 95, null)], events });
    expect(spansOf(timeline, "a")).toEqual([
      "queued/0 10-20",
      "preparing/1 20-25",
      "step/1 25-50",
      "step/1 50-70",
      "finishing/1 70-90",
    ]);
    expect(spansOf(timeline, "b")).toEqual(["queued/0 90-95", "step/1 95-"]);
    expect(timeline.critical.jobs.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("tells attempts apart, and what was waited for between them", () => {
    const retry: RunEvent = {
      ...{ type: "job.retry", job: "a", step: null, attempt: 1, reason: "step_failed", message: "exit code 1" },
      delay_ms: 30,
    };
    const events = stored(
      ...([
        [20, started("a")],
        [21, step("a")],
        [30, stepEnd("a", "failed")],
        [30, retry],
        [60, started("a", 2)],
        [61, step("a")],
        [65, stepEnd("a", "success")],
        [65, ended("a")],
      ] as const),
    );
    const timeline = timelineOf({ run: RUN, definition: definitionOf({ a: {} }), jobs: [job("a", 20, 65)], events });
    expect(spansOf(timeline, "a").slice(2)).toEqual([
      "step/1 21-30",
      "waiting/1 30-60",
      "preparing/2 60-61",
      "step/2 61-65",
    ]);
    expect(timeline.jobs[0]?.attempts).toMatchObject([
      { attempt: 1, finishedAt: 30, retry: { reason: "step_failed", message: "exit code 1" } },
      { attempt: 2, finishedAt: 65, retry: null },
    ]);
  });

  it("is critical where the run could not have ended without it", () => {
    const definition = definitionOf({ quick: {}, slow: {}, aside: {}, last: { dependsOn: ["quick", "slow"] } });
    const jobs = [
      job("quick", 20, 30),
      job("slow", 20, 80),
      job("aside", 20, 85),
      job("last", 80, 100),
      job("skipped", null, 200, { status: "cancelled", reason: "condition_false" }),
    ];
    const { critical, jobs: lines } = timelineOf({ run: RUN, definition, jobs, events: [] });
    expect(critical.jobs.map(({ id }) => id)).toEqual(["id-slow", "id-last"]);
    expect(lines.map(({ isCritical }) => isCritical)).toEqual([false, true, false, true, false]);
    expect(lines.at(-1)).toMatchObject({ readyAt: null, spans: [] });
  });

  it("is ready only when all that it waits for has succeeded", () => {
    const definition = definitionOf({ a: {}, b: { dependsOn: ["a"] } });
    const waits = job("b", null, null, { status: "pending" });
    const of = (first: JobRecord): number | null | undefined =>
      timelineOf({ run: RUN, definition, jobs: [first, waits], events: [] }).jobs[1]?.readyAt;
    expect(of(job("a", 20, null))).toBeNull();
    expect(of(job("a", 20, 50))).toBe(50);
    expect(of(job("a", 20, 50, { status: "failed" }))).toBeNull();
  });
});
