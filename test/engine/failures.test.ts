import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBench } from "./support/open-bench.ts";
import { override } from "./support/override.ts";
import { expectCleanEnd, expectNothingLeft } from "./support/traces.ts";

test("a job whose supervisor is killed from outside is lost, and jobs that do not need it go on", async () => {
  const bench = await openBench();
  const run = await bench.start(
    `
name: lost
jobs:
  victim: { steps: [{ name: s, script: ["echo supervisor $PPID", "sleep 1000"] }] }
  behind: { depends_on: [victim], steps: [{ name: s, script: ["true"] }] }
  other: { steps: [{ name: s, script: ["echo other"] }] }
`,
    { concurrency: 1 },
  );
  await run.recorder.event("step.started");
  await expect.poll(() => run.recorder.lines("victim")).toHaveLength(1);
  process.kill(Number(run.recorder.lines("victim")[0]?.split(" ")[1]), "SIGKILL");
  const result = await run.handle.finished;
  expect(result.jobs).toMatchObject({
    victim: { status: "failed", reason: "execution_lost" },
    behind: { status: "cancelled", reason: "dependency_failed" },
    other: { status: "success" },
  });
  expect(result.jobs["victim"]?.message).toMatch(/^the place the job ran in is gone: .*SIGKILL/);
  await expectCleanEnd(bench, run);
});

test("a lost job that may be tried again is, with another supervisor", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: lost once
jobs:
  victim: { retry_count: 1, steps: [{ name: s, script: ["test $WAYBILL_ATTEMPT = 2 || kill -9 $PPID", "sleep 0.1"] }] }
`);
  expect(await run.recorder.event("job.retry")).toMatchObject({ reason: "execution_lost", step: null });
  bench.clock.advance(1000);
  expect((await run.handle.finished).jobs["victim"]).toMatchObject({ status: "success", attempts: 2 });
  await expectCleanEnd(bench, run);
});

test("a job whose workspace cannot be made fails before its first step, and says why", async () => {
  const bench = await openBench({ files: { "source.txt": "source" } });
  const run = await bench.start(`
name: no snapshot
jobs:
  first: { steps: [{ name: s, script: ["echo up", "until [ -e ${bench.project}/go ]; do sleep 0.02; done"] }] }
  second: { depends_on: [first], steps: [{ name: s, script: ["true"] }] }
`);
  await run.recorder.line("first", "up");
  await rm(join(bench.state, "workspaces", run.handle.id, "snapshot"), { recursive: true });
  bench.write("go", "");
  const { jobs } = await run.handle.finished;
  expect(jobs["second"]).toMatchObject({ status: "failed", reason: "setup_failed" });
  expect(jobs["second"]?.message).toContain("snapshot");
  expect(run.recorder.eventsOf("step.started")).toHaveLength(1);
  await expectCleanEnd(bench, run);
});

test("a job whose artifact is not there fails, names it, and nothing is handed on", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: no artifact
jobs:
  build: { steps: [{ name: s, script: ["touch there"] }], artifacts: { there: [there], program: ["dist/*.bin"] } }
  use: { depends_on: [build], steps: [{ name: s, script: ["true"] }] }
`);
  const { jobs } = await run.handle.finished;
  expect(jobs["build"]).toMatchObject({ status: "failed", reason: "artifacts_failed" });
  expect(jobs["build"]?.message).toContain("dist/*.bin");
  expect(jobs["use"]).toMatchObject({ status: "cancelled", reason: "dependency_failed" });
  expect(await bench.store.artifacts(run.handle.id)).toEqual([]);
  await expectCleanEnd(bench, run);
});

test("a job whose artifacts were lost from the store is not started without them", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: lost artifact
jobs:
  build: { steps: [{ name: s, script: ["touch file"] }], artifacts: { file: [file] } }
  between: { depends_on: [build], steps: [{ name: s, script: ["echo up", "until [ -e ${bench.project}/go ]; do sleep 0.02; done"] }] }
  use: { depends_on: [between], steps: [{ name: s, script: ["true"] }] }
`);
  await run.recorder.line("between", "up");
  await rm(join(bench.state, "artifacts/artifacts"), { recursive: true });
  bench.write("go", "");
  const { jobs } = await run.handle.finished;
  expect(jobs["use"]).toMatchObject({ status: "failed", reason: "setup_failed" });
  expect(jobs["use"]?.message).toContain("file");
  await expectCleanEnd(bench, run);
});

test("a run that cannot have its files is not begun", async () => {
  const bench = await openBench();
  const gone = join(bench.project, "gone");
  const other = await openBench({ project: gone });
  await rm(gone, { recursive: true });
  await expect(
    other.start("name: n\njobs:\n  one: { steps: [{ name: s, script: ['true'] }] }\n"),
  ).rejects.toMatchObject({
    code: "WORKSPACE_PROJECT_UNREADABLE",
  });
  await expectNothingLeft(other);
});

test("a store that fails while a job is prepared leaves neither workspace nor execution", async () => {
  const quickIsEnded = Promise.withResolvers<void>();
  let made = 0;
  const bench = await openBench({
    wrap: (ports) => ({
      ...ports,
      executor: override(ports.executor, {
        async close(execution) {
          await ports.executor.close(execution);
          quickIsEnded.resolve();
        },
      }),
      workspaces: override(ports.workspaces, {
        async create(run, job, attempt) {
          // The other job's end meets a closed store, and is cleared away, while this one's workspace is made.
          if (job === "slow") await quickIsEnded.promise;
          const workspace = await ports.workspaces.create(run, job, attempt);
          made += 1;
          return workspace;
        },
      }),
    }),
  });
  const run = await bench.start(`
name: closed store
jobs:
  slow: { steps: [{ name: s, script: ["sleep 1000"] }] }
  quick: { steps: [{ name: s, script: ["echo up", "until [ -e ${bench.project}/go ]; do sleep 0.02; done"] }] }
`);
  await run.recorder.line("quick", "up");
  await bench.store.close();
  bench.write("go", "");
  await expect(run.handle.finished).rejects.toMatchObject({ code: "INTERNAL" });
  expect(made).toBe(2);
  await expectNothingLeft(bench);
});

test("a job whose optional artifact is not there succeeds, and those after it go without", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: optional artifact
jobs:
  build:
    steps: [{ name: s, script: ["touch there"] }]
    artifacts: { there: there, trace: { paths: [trace.log, "trace/**"], optional: true } }
  use: { depends_on: [build], steps: [{ name: s, script: ["ls"] }] }
`);
  expect((await run.handle.finished).status).toBe("success");
  expect(run.recorder.lines("use")).toContain("there");
  expect((await bench.store.artifacts(run.handle.id)).map(({ name }) => name)).toEqual(["there"]);
  await expectCleanEnd(bench, run);
});

test("a job is not started with an artifact that was damaged in the store", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: damaged artifact
jobs:
  build: { steps: [{ name: s, script: ["echo built > file"] }], artifacts: { file: [file] } }
  between: { depends_on: [build], steps: [{ name: s, script: ["echo up", "until [ -e ${bench.project}/go ]; do sleep 0.02; done"] }] }
  use: { depends_on: [between], steps: [{ name: s, script: ["cat file"] }] }
`);
  await run.recorder.line("between", "up");
  const contents = join(bench.state, "artifacts/artifacts");
  for (const path of await readdir(contents, { recursive: true })) {
    if (!/[0-9a-f]{64}$/.test(path)) continue;
    if ((await readFile(join(contents, path), "utf8")) === "built\n") await writeFile(join(contents, path), "bUilt\n");
  }
  bench.write("go", "");
  const { jobs } = await run.handle.finished;
  expect(jobs["use"]).toMatchObject({ status: "failed", reason: "setup_failed" });
  expect(jobs["use"]?.message).toContain("is damaged in the store");
  expect(run.recorder.lines("use")).toEqual([]);
  await expectCleanEnd(bench, run);
});
