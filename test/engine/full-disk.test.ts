import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeExecutor } from "../support/describe-executor.ts";
import type { ExecutorName } from "../support/executors.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { HeldClock } from "./support/held-clock.ts";
import { openBench, type Bench, type StartedRun } from "./support/open-bench.ts";
import { readLog } from "./support/read-log.ts";
import { canMount, smallDisk } from "./support/small-disk.ts";
import { expectCleanEnd, expectNothingLeft } from "./support/traces.ts";

/** What it does to the file system of a container is the Docker daemon's own disk. */
for (const executor of ["process", "sandbox"] as const) {
  describeExecutor(executor, "on a full disk", () => {
    describe.runIf(canMount)("that is mounted for it", () => fullDiskTests(executor));
  });
}

function fullDiskTests(executor: ExecutorName): void {
  test("a run whose store refuses ends with the store's error, and so does all that ran", async () => {
    const directory = await temporaryDirectory();
    const disk = smallDisk(join(directory, "store"), 2048);
    const bench = await openBench({ executor, database: join(directory, "store", "waybill.db") });
    const run = await bench.start(`
name: full store
jobs:
  long: { steps: [{ name: s, script: ["echo up", "sleep 1000"] }] }
  first: { steps: [{ name: s, script: ["echo up", "until [ -e go ]; do sleep 0.02; done"] }] }
  second: { depends_on: [first], steps: [{ name: s, script: ["echo never"] }] }
`);
    await Promise.all([run.recorder.line("long", "up"), run.recorder.line("first", "up")]);
    disk.fill();
    signal(bench, run, "first", "go");
    await expect(run.handle.finished).rejects.toMatchObject({ code: "STORE_FULL" });
    await expectNothingLeft(bench);
    const events = await bench.store.events(run.handle.id, 0, 1000);
    expect(events.map(({ event }) => event)).toEqual(run.recorder.events);
    expect((await bench.store.find(run.handle.id))?.status).toBe("running");
    // What the full disk did to one run is over with it.
    disk.free();
    const next = await bench.start("name: next\njobs:\n  one: { steps: [{ name: s, script: ['true'] }] }\n");
    expect((await next.handle.finished).status).toBe("success");
  });

  test("a job whose output cannot be kept fails at once and says so; other jobs go on", async () => {
    const directory = await temporaryDirectory();
    const disk = smallDisk(join(directory, "logs"), 256);
    const bench = await openBench({ executor, logs: join(directory, "logs", "runs") });
    const run = await bench.start(`
name: full log
jobs:
  chatty: { steps: [{ name: s, script: ["echo up", "until [ -e go ]; do sleep 0.02; done", "while :; do seq 1000; done"] }] }
  behind: { depends_on: [chatty], steps: [{ name: s, script: ["true"] }] }
  silent: { steps: [{ name: s, script: ["until [ -e end ]; do sleep 0.02; done"] }] }
`);
    await run.recorder.line("chatty", "up");
    disk.fill();
    signal(bench, run, "chatty", "go");
    const failed = await run.recorder.event("job.finished", ({ job }) => job === "chatty");
    expect(failed).toMatchObject({ status: "failed", reason: "log_failed" });
    expect(failed.message).toContain("There is no space left to write");
    signal(bench, run, "silent", "end");
    const result = await run.handle.finished;
    expect(result).toMatchObject({ status: "failed", warnings: [], jobs: { silent: { status: "success" } } });
    expect((await readLog(bench, run, "chatty")).at(0)?.text).toBe("up");
    await expectCleanEnd(bench, run);
  });

  test("a step is ended by its time-out all the same", async () => {
    const directory = await temporaryDirectory();
    const executorClock = new HeldClock();
    const disk = smallDisk(join(directory, "executions"), 256);
    const bench = await openBench({ executor, executions: join(directory, "executions"), executorClock });
    const run = await bench.start(`
name: full executions
jobs:
  slow: { steps: [{ name: s, timeout: 60, script: ["echo up", "sleep 1000"] }] }
`);
    await run.recorder.line("slow", "up");
    disk.fill();
    bench.clock.advance(60_000);
    const result = await run.handle.finished;
    expect(result.jobs["slow"]).toMatchObject({ status: "failed", reason: "step_timeout" });
    await expectCleanEnd(bench, run);
  });

  test("a job whose artifacts cannot be kept fails and says so", async () => {
    const directory = await temporaryDirectory();
    smallDisk(join(directory, "artifacts"), 64);
    const bench = await openBench({ executor, artifacts: join(directory, "artifacts", "runs") });
    const run = await bench.start(`
name: full artifacts
jobs:
  build: { steps: [{ name: s, script: ["head -c 1000000 /dev/urandom > big"] }], artifacts: { big: [big] } }
`);
    const result = await run.handle.finished;
    expect(result.jobs["build"]).toMatchObject({ status: "failed", reason: "artifacts_failed" });
    expect(result.jobs["build"]?.message).toContain("There is no space left to write");
    expect(await bench.store.artifacts(run.handle.id)).toEqual([]);
    await expectCleanEnd(bench, run);
  });

  test("a job whose execution cannot be made fails and says so", async () => {
    const directory = await temporaryDirectory();
    const disk = smallDisk(join(directory, "executions"), 64);
    const bench = await openBench({ executor, executions: join(directory, "executions") });
    disk.fill();
    const run = await bench.start("name: n\njobs:\n  one: { steps: [{ name: s, script: ['true'] }] }\n");
    const result = await run.handle.finished;
    expect(result.jobs["one"]).toMatchObject({ status: "failed", reason: "setup_failed" });
    expect(result.jobs["one"]?.message).toContain("ENOSPC");
    await expectCleanEnd(bench, run);
  });
}

/** Makes a file in a job's workspace, which is all that some jobs see of this machine. */
function signal(bench: Bench, run: StartedRun, job: string, name: string): void {
  writeFileSync(join(bench.ports.workspaces.locate(run.handle.id, job, 1), name), "");
}
