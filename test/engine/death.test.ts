import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { driveAndKill } from "./support/drive-and-kill.ts";
import { openBench } from "./support/open-bench.ts";
import { processesWith } from "./support/traces.ts";

test("after the death of the process that drove a run all it told is stored, and the step that runs ends by itself", async () => {
  const bench = await openBench();
  onTestFinished(() => closeExecutions(bench.ports.executor));
  const told = await driveAndKill(
    bench.project,
    `
name: killed
jobs:
  first: { steps: [{ name: s, script: ["echo first"] }] }
  print:
    depends_on: [first]
    steps: [{ name: s, script: ["seq 1000", "until [ -e ${bench.project}/go ]; do sleep 0.02; done", "touch ${bench.project}/done"] }]
`,
    (notice) => "output" in notice && notice.output.line === "1000",
  );
  const [run] = await bench.store.list(1);
  if (run === undefined) throw new Error("the run is not stored");
  expect(run.status).toBe("running");
  const events = await bench.store.events(run.id, 0, 1000);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.map(({ event }) => event)).toEqual(told.flatMap((notice) => ("event" in notice ? [notice.event] : [])));
  expect(await bench.store.jobs(run.id)).toMatchObject([
    { name: "first", status: "success" },
    { name: "print", status: "running" },
  ]);
  const lines: string[] = [];
  for await (const { text } of bench.ports.logs.read(run.id, "print")) lines.push(text);
  expect(lines).toEqual(Array.from({ length: 1000 }, (_, index) => String(index + 1)));
  // Nobody drives the run any more; what it started goes on and ends.
  expect(processesWith(bench.project)).not.toEqual([]);
  bench.write("go", "");
  await expect.poll(() => existsSync(join(bench.project, "done"))).toBe(true);
  await expect.poll(async () => (await bench.ports.executor.list()).map(({ state }) => state)).toEqual(["idle"]);
});

async function closeExecutions(executor: Awaited<ReturnType<typeof openBench>>["ports"]["executor"]): Promise<void> {
  for (const { executionId } of await executor.list()) await executor.close(executionId);
}
