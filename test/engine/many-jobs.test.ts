import type { RunEvent } from "@waybill/engine";
import { definitionOf } from "@waybill/engine/testing";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBench } from "./support/open-bench.ts";
import { readLog } from "./support/read-log.ts";
import { expectCleanEnd } from "./support/traces.ts";

test.each([
  [300, 50],
  [30, 1],
])("each of %i jobs runs once, after all it depends on, never more than %i at once", async (count, concurrency) => {
  const bench = await openBench();
  const order = join(bench.project, "order");
  const dependencies = randomGraph(count);
  const sketches = [...dependencies].map(([name, dependsOn]) => [
    name,
    // Appending a short line is one write: lines of several jobs do not mix.
    { dependsOn, steps: [{ script: [`echo ${name} >> '${order}'`] }] },
  ]);
  const run = await bench.start(definitionOf(Object.fromEntries(sketches) as Parameters<typeof definitionOf>[0]), {
    concurrency,
  });
  expect(await run.handle.finished).toMatchObject({ status: "success", warnings: [] });
  const ran = readFileSync(order, "utf8").trim().split("\n");
  expect(ran.toSorted()).toEqual([...dependencies.keys()].toSorted());
  const position = new Map(ran.map((name, index) => [name, index]));
  for (const [name, dependsOn] of dependencies) {
    for (const dependency of dependsOn) expect(position.get(dependency)).toBeLessThan(position.get(name) ?? -1);
  }
  expect(mostAtOnce(run.recorder.events)).toBeLessThanOrEqual(concurrency);
  await expectCleanEnd(bench, run);
});

test("two runs in one engine do not touch each other", async () => {
  const bench = await openBench();
  const pipeline = (word: string): string => `
name: two runs
jobs:
  make: { steps: [{ name: s, script: ["echo ${word} > file"] }], artifacts: { file: [file] } }
  show: { depends_on: [make], steps: [{ name: s, script: ["cat file", "test ! -e other", "touch other"] }] }
`;
  const runs = await Promise.all([bench.start(pipeline("one")), bench.start(pipeline("two"))]);
  const results = await Promise.all(runs.map((run) => run.handle.finished));
  expect(results.map(({ status }) => status)).toEqual(["success", "success"]);
  // They begin at once: which of them is first is not said.
  expect(new Set(results.map(({ number }) => number))).toEqual(new Set([1, 2]));
  const logs = await Promise.all(runs.map((run) => readLog(bench, run, "show")));
  expect(logs.map((log) => log.map(({ text }) => text))).toEqual([["one"], ["two"]]);
  for (const run of runs) await expectCleanEnd(bench, run);
});

test("cancelling one of two runs leaves the other alone", async () => {
  const bench = await openBench();
  const pipeline = `
name: waits
jobs:
  wait: { steps: [{ name: s, script: ["echo up", "until [ -e ${bench.project}/go ]; do sleep 0.02; done"] }] }
`;
  const [first, second] = [await bench.start(pipeline), await bench.start(pipeline)];
  await Promise.all([first.recorder.line("wait", "up"), second.recorder.line("wait", "up")]);
  first.handle.kill();
  expect((await first.handle.finished).status).toBe("cancelled");
  bench.write("go", "");
  expect((await second.handle.finished).status).toBe("success");
  for (const run of [first, second]) await expectCleanEnd(bench, run);
});

/** Jobs with up to three dependencies among the twenty before them; the same for every run of the test. */
function randomGraph(count: number): Map<string, string[]> {
  let state = 42;
  const below = (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % limit;
  };
  const graph = new Map<string, string[]>();
  for (let index = 0; index < count; index += 1) {
    const names = Array.from({ length: below(4) }, () => `j${index - 1 - below(20)}`);
    graph.set(
      `j${index}`,
      [...new Set(names)].filter((name) => graph.has(name)),
    );
  }
  return graph;
}

function mostAtOnce(events: readonly RunEvent[]): number {
  let now = 0;
  let most = 0;
  for (const { type } of events) {
    if (type === "job.started") now += 1;
    if (type === "job.finished") now -= 1;
    most = Math.max(most, now);
  }
  return most;
}
