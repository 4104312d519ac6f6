import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBench } from "./support/open-bench.ts";
import { expectCleanEnd } from "./support/traces.ts";

test("a job finds the artifacts of all it depends on, directly or not, under the paths they were saved from", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: handing-on
jobs:
  compile:
    steps: [{ name: s, script: ["mkdir -p out/lib", "echo one > out/lib/a", "echo left > out/scrap", "chmod 755 out/lib/a"] }]
    artifacts: { library: ["out/lib"] }
  link:
    depends_on: [compile]
    steps: [{ name: s, script: ["cat out/lib/a > out/program", "test ! -e out/scrap"] }]
    artifacts: { program: ["out/program"] }
  ship:
    depends_on: [link]
    steps: [{ name: s, script: ["cat out/program out/lib/a", "test -x out/lib/a", "test ! -e out/scrap"] }]
`);
  expect(await run.handle.finished).toMatchObject({ status: "success", warnings: [] });
  expect(run.recorder.lines("ship")).toEqual(["one", "one"]);
  await expectCleanEnd(bench, run);
});

test("of several artifacts with the same path a job has the one of the job nearest to it", async () => {
  const bench = await openBench();
  const run = await bench.start(`
name: nearest
jobs:
  far: { steps: [{ name: s, script: ["echo far > f"] }], artifacts: { f: ["f"] } }
  between: { depends_on: [far], steps: [{ name: s, script: ["true"] }] }
  near: { steps: [{ name: s, script: ["echo near > f"] }], artifacts: { f: ["f"] } }
  refined: { depends_on: [near], steps: [{ name: s, script: ["echo refined >> f"] }], artifacts: { f: ["f"] } }
  one: { depends_on: [near, between], steps: [{ name: s, script: ["cat f"] }] }
  other: { depends_on: [between, near], steps: [{ name: s, script: ["cat f"] }] }
  both: { depends_on: [refined, near], steps: [{ name: s, script: ["cat f"] }] }
`);
  expect((await run.handle.finished).status).toBe("success");
  expect(run.recorder.lines("one")).toEqual(["near"]);
  expect(run.recorder.lines("other")).toEqual(["near"]);
  expect(run.recorder.lines("both")).toEqual(["near", "refined"]);
});

test("every job works on the project's files as they were when the run began, and on nobody else's", async () => {
  const bench = await openBench({ files: { "source.txt": "as begun\n", gate: "" } });
  const run = await bench.start(`
name: frozen
jobs:
  first:
    steps: [{ name: s, script: ["echo spoilt > source.txt", "echo mine > private.txt", "echo ready", "until [ -e ${bench.project}/go ]; do sleep 0.02; done"] }]
  second:
    depends_on: [first]
    steps: [{ name: s, script: ["cat source.txt", "ls"] }]
`);
  await run.recorder.line("first", "ready");
  writeFileSync(join(bench.project, "source.txt"), "edited meanwhile\n");
  bench.write("new.txt", "new");
  bench.write("go", "");
  expect((await run.handle.finished).status).toBe("success");
  expect(run.recorder.lines("second")).toEqual(["as begun", "gate", "source.txt"]);
  expect(existsSync(join(bench.project, "private.txt"))).toBe(false);
  await expectCleanEnd(bench, run);
});

test("only the jobs asked for and what they depend on are part of the run", async () => {
  const bench = await openBench();
  const pipeline = `
name: selection
jobs:
  a: { steps: [{ name: s, script: ["true"] }] }
  b: { depends_on: [a], steps: [{ name: s, script: ["true"] }] }
  c: { depends_on: [b], steps: [{ name: s, script: ["true"] }] }
  d: { steps: [{ name: s, script: ["true"] }] }
`;
  const run = await bench.start(pipeline, { jobs: ["b"] });
  expect(Object.keys((await run.handle.finished).jobs)).toEqual(["a", "b"]);
  await expectCleanEnd(bench, run);
});

test("a job there is not is refused before anything is stored or written", async () => {
  const bench = await openBench();
  const pipeline = `
name: selection
jobs:
  build: { steps: [{ name: s, script: ["true"] }] }
`;
  await expect(bench.start(pipeline, { jobs: ["biuld"] })).rejects.toMatchObject({ code: "RUN_UNKNOWN_JOB" });
  expect(await bench.store.list(10)).toEqual([]);
  expect(existsSync(join(bench.state, "workspaces"))).toBe(false);
});
