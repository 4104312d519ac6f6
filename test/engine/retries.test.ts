import { expect, test } from "vitest";
import { openBench } from "./support/open-bench.ts";
import { readLog } from "./support/read-log.ts";
import { expectCleanEnd } from "./support/traces.ts";

test("a step is tried again in the same workspace, after 1 s and then 2 s", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: step retry
jobs:
  flaky:
    steps:
      - { name: once, script: ["echo once"] }
      - { name: flaky, retry_count: 2, script: ["echo x >> tries", "wc -l < tries", "test $(wc -l < tries) = 3"] }
`);
  for (const [attempt, delay] of [
    [1, 1000],
    [2, 2000],
  ] as const) {
    const retry = await run.recorder.event("job.retry", (event) => event.attempt === attempt);
    expect(retry).toMatchObject({ step: "flaky", delay_ms: delay, reason: "step_failed" });
    bench.clock.advance(delay - 1);
    expect(run.recorder.eventsOf("step.started")).toHaveLength(1 + attempt);
    bench.clock.advance(1);
    await run.recorder.event("step.started", (event) => event.attempt === attempt + 1);
  }
  expect((await run.handle.finished).jobs["flaky"]).toMatchObject({ status: "success", attempts: 1 });
  expect(run.recorder.lines("flaky").map((line) => line.trim())).toEqual(["once", "1", "2", "3"]);
  await expectCleanEnd(bench, run);
});

test("a job is tried again from its first step in a fresh workspace, and its slot is free meanwhile", async () => {
  const bench = await openBench({ files: { "source.txt": "source" } });
  const pipeline = `
name: job retry
jobs:
  flaky:
    retry_count: 1
    steps: [{ name: s, script: ["ls", "cat source.txt >> left", "rm source.txt", "test $WAYBILL_ATTEMPT = 2"] }]
  other: { steps: [{ name: s, script: ["echo other"] }] }
`;
  const run = await bench.start(pipeline, { concurrency: 1 });
  await run.recorder.event("job.finished", (event) => event.job === "other");
  expect(run.recorder.eventsOf("job.retry")).toMatchObject([{ job: "flaky", step: null, delay_ms: 1000 }]);
  bench.clock.advance(1000);
  expect((await run.handle.finished).jobs["flaky"]).toMatchObject({ status: "success", attempts: 2 });
  expect(run.recorder.lines("flaky")).toEqual(["source.txt", "source.txt"]);
  await expectCleanEnd(bench, run);
});

test("the log of a job has the output of all its attempts, each line with its attempt", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: log of retries
jobs:
  flaky:
    retry_count: 1
    steps: [{ name: s, retry_count: 1, script: ['echo "job $WAYBILL_ATTEMPT"', "false"] }]
`);
  for (let retry = 1; retry <= 3; retry += 1) {
    await run.recorder.event("job.retry", () => run.recorder.eventsOf("job.retry").length === retry);
    bench.clock.advance(1000);
  }
  expect((await run.handle.finished).status).toBe("failed");
  const kept = await readLog(bench, run, "flaky");
  expect(kept.map(({ text, attempt }) => [text, attempt])).toEqual([
    ["job 1", 1],
    ["job 1", 2],
    ["job 2", 1],
    ["job 2", 2],
  ]);
});
