import { describe, expect, test } from "vitest";
import { describeExecutor } from "../support/describe-executor.ts";
import { EXECUTORS, type ExecutorName } from "../support/executors.ts";
import { Gate } from "./support/gate.ts";
import { HeldClock } from "./support/held-clock.ts";
import { openBench, type Bench, type StartedRun } from "./support/open-bench.ts";
import { override } from "./support/override.ts";
import { expectCleanEnd } from "./support/traces.ts";

const SLEEPY = `
name: sleepy
jobs:
  task: { steps: [{ name: s, script: ["echo up", "sleep 1000"] }] }
  waits: { depends_on: [task], steps: [{ name: s, script: ["true"] }] }
`;

const SAVING = `
name: saving
jobs:
  task: { steps: [{ name: s, script: ["echo content > file"] }], artifacts: { file: [file] } }
  waits: { depends_on: [task], steps: [{ name: s, script: ["true"] }] }
`;

const FAILING = `
name: failing
jobs:
  task: { retry_count: 3, steps: [{ name: s, script: ["false"] }] }
  waits: { depends_on: [task], steps: [{ name: s, script: ["true"] }] }
`;

const STEP_FAILING = FAILING.replace("retry_count: 3, steps: [{", "steps: [{ retry_count: 3,");

/** Each brings a run to some point of its life. */
const moments: Readonly<Record<string, (executor: ExecutorName) => Promise<readonly [Bench, StartedRun, Gate]>>> = {
  async "before it has begun"(executor) {
    const bench = await openBench({ executor });
    return [bench, await bench.start(SLEEPY), new Gate()];
  },
  async "while a job is prepared"(executor) {
    const gate = new Gate();
    const bench = await openBench({
      executor,
      wrap: (ports) => ({
        ...ports,
        workspaces: override(ports.workspaces, {
          create: (...args) => gate.pass().then(() => ports.workspaces.create(...args)),
        }),
      }),
    });
    const run = await bench.start(SLEEPY);
    await gate.reached;
    return [bench, run, gate];
  },
  async "while an execution is submitted"(executor) {
    const gate = new Gate();
    const bench = await openBench({
      executor,
      wrap: (ports) => ({
        ...ports,
        executor: override(ports.executor, {
          submit: (...args) => gate.pass().then(() => ports.executor.submit(...args)),
        }),
      }),
    });
    const run = await bench.start(SLEEPY);
    await gate.reached;
    return [bench, run, gate];
  },
  async "while a step is started"(executor) {
    const gate = new Gate();
    const bench = await openBench({
      executor,
      wrap: (ports) => ({
        ...ports,
        executor: override(ports.executor, {
          startStep: (...args) => gate.pass().then(() => ports.executor.startStep(...args)),
        }),
      }),
    });
    const run = await bench.start(SLEEPY);
    await gate.reached;
    return [bench, run, gate];
  },
  async "while a step runs"(executor) {
    const bench = await openBench({ executor });
    const run = await bench.start(SLEEPY);
    await run.recorder.line("task", "up");
    return [bench, run, new Gate()];
  },
  async "while a step waits to be tried again"(executor) {
    const bench = await openBench({ executor });
    const run = await bench.start(STEP_FAILING);
    await run.recorder.event("job.retry");
    return [bench, run, new Gate()];
  },
  async "while a job waits to be tried again"(executor) {
    const bench = await openBench({ executor });
    const run = await bench.start(FAILING);
    await run.recorder.event("job.retry");
    return [bench, run, new Gate()];
  },
  async "while artifacts are saved"(executor) {
    const gate = new Gate();
    const bench = await openBench({
      executor,
      wrap: (ports) => ({
        ...ports,
        artifacts: override(ports.artifacts, {
          save: (...args) => gate.pass().then(() => ports.artifacts.save(...args)),
        }),
      }),
    });
    const run = await bench.start(SAVING);
    await gate.reached;
    return [bench, run, gate];
  },
};

for (const executor of EXECUTORS) {
  describeExecutor(executor, "a run that is ended", () => {
    describe.each(Object.entries(moments))("%s", (_moment, reachMoment) => {
      test.each(["cancel", "kill", "cancel, then kill"])("by %s leaves nothing behind", async (how) => {
        const [bench, run, gate] = await reachMoment(executor);
        if (how !== "kill") run.handle.cancel("user");
        if (how !== "cancel") run.handle.kill();
        gate.open();
        const result = await run.handle.finished;
        expect(result).toMatchObject({ status: "cancelled", reason: "user", warnings: [] });
        const cancelled = { status: "cancelled", reason: "user", message: "cancelled by the user" };
        expect(result.jobs).toMatchObject({ task: cancelled, waits: cancelled });
        await expectCleanEnd(bench, run);
      });
    });

    test("does not wait for steps that do not listen when it is killed", async () => {
      const executorClock = new HeldClock();
      const bench = await openBench({ executor, executorClock });
      const run = await bench.start(`
name: stubborn
jobs:
  task: { steps: [{ name: s, script: ["trap 'echo asked' TERM", "echo up", "while :; do sleep 0.05 || true; done"] }] }
`);
      await run.recorder.line("task", "up");
      run.handle.cancel("user");
      await run.recorder.line("task", "asked");
      expect(executorClock.limits()).toEqual([30_000]);
      run.handle.kill();
      expect(await run.handle.finished).toMatchObject({ status: "cancelled", reason: "user" });
      expect(run.recorder.eventsOf("step.finished")).toMatchObject([{ status: "cancelled", signal: "SIGKILL" }]);
      await expectCleanEnd(bench, run);
    });
  });
}

test("a run that a newer one replaces says so", async () => {
  const bench = await openBench();
  const run = await bench.start(SLEEPY);
  await run.recorder.line("task", "up");
  run.handle.cancel("superseded");
  run.handle.cancel("user");
  expect(await run.handle.finished).toMatchObject({
    status: "cancelled",
    reason: "superseded",
    jobs: { task: { reason: "superseded", message: "superseded by a newer run" } },
  });
  await expectCleanEnd(bench, run);
});

test("cancelling a run that is over changes nothing", async () => {
  const bench = await openBench();
  const run = await bench.start("name: quick\njobs:\n  task: { steps: [{ name: s, script: ['true'] }] }\n");
  await run.handle.finished;
  run.handle.cancel("user");
  run.handle.kill();
  expect(await run.handle.finished).toMatchObject({ status: "success" });
  await expectCleanEnd(bench, run);
});
