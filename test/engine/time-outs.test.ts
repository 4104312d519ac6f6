import { describe, expect, test } from "vitest";
import { HeldClock } from "./support/held-clock.ts";
import { openBench } from "./support/open-bench.ts";
import { expectCleanEnd, processesWith } from "./support/traces.ts";

/** Ends only by SIGKILL, with a child of its own that does not either. */
const STUBBORN = `["trap 'echo asked to end' TERM", "(trap '' TERM; while :; do sleep 0.05 || true; done) &", "echo up", "while :; do sleep 0.05 || true; done"]`;

describe("a step that takes too long", () => {
  test("gets SIGTERM and fails its job, which says so", async () => {
    const bench = await openBench();
    const run = await bench.start(`
name: slow step
jobs:
  slow:
    retry_count: 2
    steps: [{ name: dawdle, timeout: 60, retry_count: 2, script: ["echo up", "sleep 1000"] }]
  behind: { depends_on: [slow], steps: [{ name: s, script: ["true"] }] }
`);
    await run.recorder.line("slow", "up");
    bench.clock.advance(59_999);
    expect(run.recorder.eventsOf("step.finished")).toEqual([]);
    bench.clock.advance(1);
    const result = await run.handle.finished;
    expect(result.jobs["slow"]).toMatchObject({
      status: "failed",
      reason: "step_timeout",
      message: 'step "dawdle" took longer than its time-out of 60 s',
      attempts: 1,
    });
    expect(result.jobs["behind"]).toMatchObject({ status: "cancelled", reason: "dependency_failed" });
    expect(run.recorder.eventsOf("step.finished")).toMatchObject([
      { status: "failed", reason: "step_timeout", exit_code: null, signal: "SIGTERM", duration_ms: 60_000 },
    ]);
    await expectCleanEnd(bench, run);
  });

  test("and does not listen gets SIGKILL 30 s later, with all it started", async () => {
    const executorClock = new HeldClock();
    const bench = await openBench({ executorClock });
    const run = await bench.start(`
name: stubborn
jobs:
  slow: { steps: [{ name: dawdle, timeout: 60, script: ${STUBBORN} }] }
`);
    await run.recorder.line("slow", "up");
    bench.clock.advance(60_000);
    await run.recorder.line("slow", "asked to end");
    expect(executorClock.limits()).toEqual([30_000]);
    expect(processesWith(bench.project)).not.toEqual([]);
    executorClock.reachLimits();
    expect((await run.handle.finished).jobs["slow"]).toMatchObject({ reason: "step_timeout" });
    expect(run.recorder.eventsOf("step.finished")).toMatchObject([{ exit_code: null, signal: "SIGKILL" }]);
    expect(executorClock.limits()).toEqual([]);
    await expectCleanEnd(bench, run);
  });

  test("and may fail makes way for the next step", async () => {
    const bench = await openBench();
    const run = await bench.start(`
name: optional
jobs:
  task:
    steps:
      - { name: dawdle, timeout: 60, continue_on_failure: true, script: ["echo up", "sleep 1000"] }
      - { name: next, script: ["echo next"] }
`);
    await run.recorder.line("task", "up");
    bench.clock.advance(60_000);
    expect((await run.handle.finished).status).toBe("success");
    expect(run.recorder.lines("task")).toContain("next");
    await expectCleanEnd(bench, run);
  });

  test("and may fail does not make way for the next step when its run is cancelled meanwhile", async () => {
    const executorClock = new HeldClock();
    const bench = await openBench({ executorClock });
    const run = await bench.start(`
name: optional
jobs:
  task:
    steps:
      - { name: dawdle, timeout: 60, continue_on_failure: true, script: ${STUBBORN} }
      - { name: next, script: ["echo next"] }
`);
    await run.recorder.line("task", "up");
    bench.clock.advance(60_000);
    await run.recorder.line("task", "asked to end");
    run.handle.cancel("user");
    executorClock.reachLimits();
    expect(await run.handle.finished).toMatchObject({ status: "cancelled", reason: "user" });
    expect(run.recorder.lines("task")).not.toContain("next");
    await expectCleanEnd(bench, run);
  });
});

test("a job that takes too long ends with the step that runs, and is not tried again", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: slow job
jobs:
  slow:
    timeout: 100
    retry_count: 2
    steps:
      - { name: quick, script: ["echo quick"] }
      - { name: dawdle, continue_on_failure: true, script: ["echo up", "sleep 1000"] }
      - { name: never, script: ["echo never"] }
`);
  await run.recorder.line("slow", "up");
  bench.clock.advance(100_000);
  expect((await run.handle.finished).jobs["slow"]).toMatchObject({
    status: "failed",
    reason: "job_timeout",
    message: "the job took longer than its time-out of 100 s",
    attempts: 1,
  });
  expect(run.recorder.lines("slow")).not.toContain("never");
  await expectCleanEnd(bench, run);
});

test("a pipeline that takes too long fails what runs and cancels what waits", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: slow pipeline
timeout: 200
jobs:
  slow: { steps: [{ name: dawdle, script: ["echo up", "sleep 1000"] }] }
  waits: { depends_on: [slow], steps: [{ name: s, script: ["true"] }] }
`);
  await run.recorder.line("slow", "up");
  bench.clock.advance(200_000);
  const result = await run.handle.finished;
  expect(result).toMatchObject({ status: "failed", reason: "pipeline_timeout" });
  const message = "the pipeline took longer than its time-out of 200 s";
  expect(result.jobs).toMatchObject({
    slow: { status: "failed", reason: "pipeline_timeout", message },
    waits: { status: "cancelled", reason: "pipeline_timeout", message },
  });
  await expectCleanEnd(bench, run);
});
