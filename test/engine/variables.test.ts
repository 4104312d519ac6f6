import { expect, test } from "vitest";
import { openBench } from "./support/open-bench.ts";
import { expectCleanEnd } from "./support/traces.ts";

test("a variable of the run beats the step's, the step's the job's, and the job's that of all jobs", async () => {
  const bench = await openBench();
  const pipeline = `
name: precedence
global_env: { G: global, J: global, S: global, P: global }
jobs:
  show:
    environment: { J: job, S: job, P: job }
    steps:
      - { name: own, environment: { S: step, P: step }, script: ['echo "$G $J $S $P"', 'echo "\${G} \${J} \${S} \${P}"'] }
      - { name: next, script: ['echo "$G $J $S $P"'] }
`;
  const run = await bench.start(pipeline, { parameters: { P: "parameter" } });
  expect((await run.handle.finished).status).toBe("success");
  expect(run.recorder.lines("show")).toEqual([
    "global job step parameter",
    "global job step parameter",
    "global job job parameter",
  ]);
});

test("a step is told where it is: workspace, run, pipeline, job and attempt", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: where am I
jobs:
  show:
    retry_count: 1
    steps:
      - name: s
        script: ['test "$WORKSPACE" = "$(pwd)" && echo here', 'echo "$WAYBILL_RUN_ID"', 'echo "$WAYBILL_RUN_NUMBER $WAYBILL_PIPELINE $WAYBILL_JOB $WAYBILL_ATTEMPT $CI"', 'test "$WAYBILL_ATTEMPT" = 2']
`);
  await run.recorder.event("job.retry");
  bench.clock.advance(1000);
  expect((await run.handle.finished).status).toBe("success");
  const lines = (attempt: number): string[] => ["here", run.handle.id, `1 where am I show ${attempt} true`];
  expect(run.recorder.lines("show")).toEqual([...lines(1), ...lines(2)]);
  await expectCleanEnd(bench, run);
});

test("status and artifacts of earlier jobs are filled in when a job that refers to them starts", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: references
jobs:
  build:
    steps: [{ name: s, script: ["mkdir dist", "echo program > dist/app"] }]
    artifacts: { app: ["dist/app"] }
  use:
    depends_on: [build]
    environment: { BUILT: "\${job.build.status}" }
    steps: [{ name: s, script: ['echo "$BUILT"', "cat \${job.build.artifacts.app}"] }]
`);
  expect((await run.handle.finished).status).toBe("success");
  expect(run.recorder.lines("use")).toEqual(["SUCCESS", "program"]);
});

test("the paths of artifacts may refer to what is known only when they are saved", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: late paths
jobs:
  check: { steps: [{ name: s, script: ["true"] }] }
  report:
    depends_on: [check]
    steps: [{ name: s, script: ["mkdir out", "echo report > out/SUCCESS.txt"] }]
    artifacts: { report: ["out/\${job.check.status}.txt"] }
  read: { depends_on: [report], steps: [{ name: s, script: ["cat out/SUCCESS.txt"] }] }
`);
  expect((await run.handle.finished).status).toBe("success");
  expect(run.recorder.lines("read")).toEqual(["report"]);
});

test("a condition is decided from what earlier jobs came to and from the job's environment", async () => {
  const bench = await openBench();
  const pipeline = `
name: conditions
jobs:
  first: { steps: [{ name: s, script: ["true"] }] }
  wanted:
    depends_on: [first]
    if: job.first.status == "SUCCESS" && TARGET == "production"
    environment: { TARGET: "\${STAGE}" }
    steps: [{ name: s, script: ["echo done"] }]
  unwanted:
    depends_on: [first]
    if: job.first.status == "FAILED" || TARGET == "staging"
    environment: { TARGET: "\${STAGE}" }
    steps: [{ name: s, script: ["echo done"] }]
  behind: { depends_on: [unwanted], steps: [{ name: s, script: ["echo done"] }] }
`;
  const run = await bench.start(pipeline, { parameters: { STAGE: "production" } });
  const result = await run.handle.finished;
  expect(result.status).toBe("success");
  expect(run.recorder.lines("wanted")).toEqual(["done"]);
  expect(result.jobs["unwanted"]).toMatchObject({ status: "cancelled", reason: "condition_false", attempts: 0 });
  expect(result.jobs["behind"]).toMatchObject({ status: "cancelled", reason: "condition_false", attempts: 0 });
  await expectCleanEnd(bench, run);
});
