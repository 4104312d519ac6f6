import { DatabaseSync } from "node:sqlite";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeExecutor } from "../support/describe-executor.ts";
import { EXECUTORS } from "../support/executors.ts";
import { openBench } from "./support/open-bench.ts";
import { parse, requestFor } from "./support/pipelines.ts";
import { expectNothingLeft } from "./support/traces.ts";

const PIPELINE = `
name: locked
jobs:
  done: { steps: [{ name: s, script: ["true"] }] }
  long: { depends_on: [done], steps: [{ name: s, script: ["echo up", "sleep 1000"] }] }
  first: { depends_on: [done], steps: [{ name: s, script: ["echo up", "until [ -e go ]; do sleep 0.02; done"] }] }
  second: { depends_on: [first], steps: [{ name: s, script: ["echo never"] }] }
`;

for (const executor of EXECUTORS) {
  describeExecutor(executor, "a database that another program holds locked", () => {
    test("for too long ends the run with that error and all that ran; the store has what was told", async () => {
      const bench = await openBench({ executor, busyTimeoutMs: 300 });
      const run = await bench.start(PIPELINE);
      await Promise.all([run.recorder.line("long", "up"), run.recorder.line("first", "up")]);
      const other = new DatabaseSync(join(bench.state, "waybill.db"));
      other.exec("BEGIN IMMEDIATE");
      writeFileSync(join(bench.ports.workspaces.locate(run.handle.id, "first", 1), "go"), "");
      await expect(run.handle.finished).rejects.toMatchObject({ code: "STORE_LOCKED" });
      other.exec("ROLLBACK");
      other.close();
      await expectNothingLeft(bench);
      const events = await bench.store.events(run.handle.id, 0, 1000);
      expect(events.map(({ event }) => event)).toEqual(run.recorder.events);
      // Nobody drives it any more: it can be taken up, and what it has lost fails.
      const record = await bench.store.find(run.handle.id);
      if (record === null) throw new Error("the run is not stored");
      expect(record.status).toBe("running");
      const resumed = await bench.engine.resume({ run: record, ...requestFor(parse(PIPELINE)) });
      expect(await resumed.finished).toMatchObject({
        status: "failed",
        warnings: [],
        jobs: {
          done: { status: "success" },
          long: { status: "failed", reason: "execution_lost" },
          first: { status: "failed", reason: "execution_lost" },
          second: { status: "cancelled" },
        },
      });
      await expectNothingLeft(bench);
    });

    test("for a while holds the run up and does it no harm", async () => {
      const bench = await openBench({ executor });
      const run = await bench.start(PIPELINE.replace("sleep 1000", "true"));
      await run.recorder.line("first", "up");
      const other = new DatabaseSync(join(bench.state, "waybill.db"));
      other.exec("BEGIN IMMEDIATE");
      writeFileSync(join(bench.ports.workspaces.locate(run.handle.id, "first", 1), "go"), "");
      const told = run.recorder.events.length;
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(run.recorder.events.length).toBeLessThanOrEqual(told + 1);
      other.exec("ROLLBACK");
      other.close();
      expect(await run.handle.finished).toMatchObject({ status: "success" });
      await expectNothingLeft(bench);
    });
  });
}
