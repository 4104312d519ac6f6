import { listTree } from "@waybill/engine/testing";
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { driveAndKill } from "../engine/support/drive-and-kill.ts";
import { openBench, type Bench, type BenchOptions } from "../engine/support/open-bench.ts";
import { requestFor, parse } from "../engine/support/pipelines.ts";
import {
  importTestImage,
  removeDaemonDirectory,
  startDaemon,
  stopDaemon,
  type TestDaemon,
} from "../support/docker-daemon.ts";
import { dockerTraces } from "../support/execution-traces.ts";
import { describeWith } from "../support/requires.ts";

const isRoot = process.getuid?.() === 0;

/** `again` says how often the job may be tried again. */
function pipeline(again: number): string {
  return `
name: sleepy
jobs:
  first: { steps: [{ name: s, script: ["echo first"] }] }
  task:
    depends_on: [first]
    retry_count: ${again}
    steps: [{ name: s, script: ["echo up", "[ -e go ] || sleep 1000"] }]
  waits: { depends_on: [task], steps: [{ name: s, script: ["true"] }] }
`;
}

describeWith("docker", "a Docker daemon that stops while a step runs", () => {
  let directory = "";
  let daemon: TestDaemon;

  async function start(): Promise<void> {
    // Its supervisors ignore SIGTERM: there is nothing to wait for.
    daemon = await startDaemon(join(directory, "d"), ["--shutdown-timeout", "1"]);
  }

  beforeAll(async () => {
    if (!isRoot) return;
    directory = mkdtempSync(join(realpathSync(tmpdir()), "waybill-restart-"));
    await start();
    await importTestImage(daemon.socketPath);
  });

  afterAll(async () => {
    if (!isRoot) return;
    await stopDaemon(daemon.pid);
    await removeDaemonDirectory(directory);
  });

  const bench = (options: BenchOptions = {}): Promise<Bench> =>
    openBench({ executor: "docker", environment: { DOCKER_HOST: `unix://${daemon.socketPath}` }, ...options });

  /** Once the executor is disposed of, as at the end of a command. */
  async function expectNothingLeft(own: Bench): Promise<void> {
    await own.close();
    expect(await dockerTraces(`unix://${daemon.socketPath}`, own.executions, [process.pid])).toEqual([]);
    expect(await listTree(join(own.state, "workspaces"))).toEqual([]);
    expect((await own.ports.executor.list()).map(({ executionId }) => executionId)).toEqual([]);
    expect(await own.store.claimed()).toEqual([]);
  }

  test.runIf(isRoot).each(["SIGTERM", "SIGKILL"] as const)(
    "by %s and comes back: the job fails and says why",
    async (signal) => {
      const own = await bench();
      const run = await own.start(pipeline(0));
      await run.recorder.line("task", "up");
      await stopDaemon(daemon.pid, signal);
      await start();
      const result = await run.handle.finished;
      expect(result).toMatchObject({
        status: "failed",
        jobs: {
          first: { status: "success" },
          task: { status: "failed", reason: "execution_lost" },
          waits: { status: "cancelled", reason: "dependency_failed" },
        },
      });
      expect(result.jobs["task"]?.message).toMatch(/the place the job ran in is gone/);
      expect((await own.store.find(run.handle.id))?.status).toBe("failed");
      // The daemon may still have been away when it was to clear away.
      await own.engine.sweep();
      await expectNothingLeft(own);
    },
  );

  test.runIf(isRoot)("and comes back: a job that may be is tried again", async () => {
    const own = await bench();
    const run = await own.start(pipeline(1));
    await run.recorder.line("task", "up");
    own.write("go", "");
    await stopDaemon(daemon.pid);
    await start();
    await run.recorder.event("job.retry");
    own.clock.advance(1000);
    await run.recorder.event("job.started", ({ job, attempt }) => job === "task" && attempt === 2);
    expect(run.recorder.eventsOf("job.retry")).toMatchObject([{ reason: "execution_lost" }]);
    await expect.poll(() => run.recorder.lines("task")).toEqual(["up", "up"]);
    run.handle.kill();
    await run.handle.finished;
    await own.engine.sweep();
    await expectNothingLeft(own);
  });

  test.runIf(isRoot)("and stays away: the run ends, and a later command clears away", async () => {
    const own = await bench();
    const run = await own.start(pipeline(0));
    await run.recorder.line("task", "up");
    await stopDaemon(daemon.pid);
    const result = await run.handle.finished;
    expect(result).toMatchObject({ status: "failed", jobs: { task: { reason: "execution_lost" } } });
    expect(result.warnings).not.toEqual([]);
    expect(result.warnings.join("\n")).toContain("Docker");
    expect((await own.store.events(run.handle.id, 0, 1000)).at(-1)?.event.type).toBe("run.finished");
    // As long as it is away, that is what is said.
    expect(await own.engine.sweep()).not.toEqual([]);
    await start();
    expect(await own.engine.sweep()).toEqual([]);
    await expectNothingLeft(own);
  });

  test.runIf(isRoot)(
    "and its engine dies, and it is away when the run is taken up: the run ends all the same",
    async () => {
      const own = await bench();
      await driveAndKill(own.project, pipeline(0), (notice) => "output" in notice && notice.output.line === "up", {
        executor: "docker",
        environment: { DOCKER_HOST: `unix://${daemon.socketPath}` },
      });
      await stopDaemon(daemon.pid);
      const run = await own.store.find("1");
      if (run === null) throw new Error("the run is not stored");
      const resumed = await own.engine.resume({ run, ...requestFor(parse(pipeline(0))) });
      expect(await resumed.finished).toMatchObject({ status: "failed", jobs: { task: { reason: "execution_lost" } } });
      await start();
      expect(await own.engine.sweep()).toEqual([]);
      await expectNothingLeft(own);
    },
  );
});
