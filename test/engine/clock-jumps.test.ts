import { describe, expect, test } from "vitest";
import { openBench } from "./support/open-bench.ts";
import { readLog } from "./support/read-log.ts";
import { expectCleanEnd } from "./support/traces.ts";

const HOUR_MS = 3_600_000;

describe.each([
  ["forward", 5 * HOUR_MS],
  ["back", -5 * HOUR_MS],
])("a clock that is set %s by hours", (_direction, jump) => {
  test("brings no time-out nearer, nor puts it off", async () => {
    const bench = await openBench();
    const run = await bench.start(`
name: slow
timeout: 300
jobs:
  slow: { timeout: 200, steps: [{ name: dawdle, timeout: 100, script: ["echo up", "sleep 1000"] }] }
`);
    await run.recorder.line("slow", "up");
    bench.clock.advance(50_000);
    bench.clock.jump(jump);
    bench.clock.advance(49_999);
    expect(run.recorder.eventsOf("step.finished")).toEqual([]);
    bench.clock.advance(1);
    const result = await run.handle.finished;
    expect(result.jobs["slow"]).toMatchObject({ status: "failed", reason: "step_timeout" });
    if (jump < 0) expect(result.durationMs).toBe(100_000);
    await expectCleanEnd(bench, run);
  });

  test("brings no back-off nearer, nor puts it off", async () => {
    const bench = await openBench();
    const run = await bench.start(`
name: flaky
jobs:
  task: { retry_count: 1, steps: [{ name: s, script: ["echo out", "[ -e ${bench.project}/go ]"] }] }
`);
    await run.recorder.event("job.retry");
    bench.write("go", "");
    bench.clock.jump(jump);
    bench.clock.advance(999);
    expect(run.recorder.eventsOf("job.started")).toHaveLength(1);
    bench.clock.advance(1);
    expect(await run.handle.finished).toMatchObject({ status: "success" });
    await expectCleanEnd(bench, run);
  });

  test("puts neither events nor lines out of order", async () => {
    const bench = await openBench();
    const run = await bench.start(`
name: talking
jobs:
  one: { steps: [{ name: s, script: ["echo first", "until [ -e ${bench.project}/go ]; do sleep 0.02; done", "echo second"] }] }
  two: { depends_on: [one], steps: [{ name: s, script: ["echo third"] }] }
`);
    await run.recorder.line("one", "first");
    bench.clock.advance(1000);
    bench.clock.jump(jump);
    bench.write("go", "");
    expect(await run.handle.finished).toMatchObject({ status: "success" });
    const times = run.recorder.notices.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const lines = await readLog(bench, run, "one");
    expect(lines.map(({ text }) => text)).toEqual(["first", "second"]);
    expect((lines[1]?.time ?? 0) - (lines[0]?.time ?? 0)).toBeGreaterThanOrEqual(1000);
    await expectCleanEnd(bench, run);
  });
});
