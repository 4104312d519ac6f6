import { describe, expect, test } from "vitest";
import type { SlipClientOptions } from "../client.ts";
import { parseRepositoryFilter } from "../repositories/filter.ts";
import { ACTORS } from "../slip.ts";
import { Bench, REPOSITORY, settle } from "../testing/bench.ts";
import { sampleEvent, shaOf } from "../testing/fixtures.ts";
import type { PreExecutionOptions } from "./executor.ts";

const DEPLOY: PreExecutionOptions = {
  correlationId: "corr-a",
  stepName: "dev_deploy",
  prerequisites: ["builds_completed", "unit_tests_completed", "secret_scan_completed"],
  holdTimeoutMs: 60_000,
  pollIntervalMs: 1_000,
  actor: ACTORS.pre,
};

async function benchWith(options: Partial<SlipClientOptions> = {}): Promise<Bench> {
  const bench = new Bench(options);
  await bench.push("a", { components: [{ name: "svc-a", dockerfilePath: "" }] });
  bench.store.calls.length = 0;
  return bench;
}

async function complete(bench: Bench, ...steps: readonly string[]): Promise<void> {
  for (const step of steps) await bench.client.completeStep("corr-a", step);
}

/** What was written, in order: `status: message`. */
function written(bench: Bench): readonly string[] {
  return bench.store
    .callsOf("append")
    .flatMap(([, events]) => events as readonly { status: string; message: string; actor: string; kind: string }[])
    .filter(({ actor }) => actor !== ACTORS.library)
    .map(({ kind, status, message }) => `${kind === "note" ? "note " : ""}${status}: ${message}`);
}

async function advance(bench: Bench, milliseconds: number): Promise<void> {
  await settle();
  for (let left = milliseconds; left > 0; left -= 50) {
    bench.clock.advance(50);
    await settle();
  }
}

describe("before a step", () => {
  test("U10: it goes on where all is met, with one write", async () => {
    const bench = await benchWith();
    await complete(bench, "builds_completed", "unit_tests_completed", "secret_scan_completed");
    expect(await bench.client.runPreExecution(DEPLOY)).toEqual({
      outcome: "proceed",
      slipId: "slip-1",
      correlationId: "corr-a",
      error: null,
    });
    expect(written(bench)).toEqual(["running: "]);
    expect((await bench.slip("a")).steps["dev_deploy"]).toMatchObject({ status: "running", actor: "slippy-pre" });
  });

  test("it goes on where there is nothing to wait for", async () => {
    const bench = await benchWith();
    expect((await bench.client.runPreExecution({ ...DEPLOY, prerequisites: [] })).outcome).toBe("proceed");
    expect(written(bench)).toEqual(["running: "]);
  });

  test("U11: it holds, then goes on: each written once, and the slip loaded twice", async () => {
    const bench = await benchWith();
    await complete(bench, "unit_tests_completed", "secret_scan_completed");
    bench.store.calls.length = 0;
    const running = bench.client.runPreExecution({ ...DEPLOY, pollIntervalMs: 100 });
    await advance(bench, 5_000);
    expect(bench.store.callsOf("load")).toHaveLength(1);
    // Another program's change, in one call of the store.
    await bench.store.append("slip-1", [sampleEvent("other", { step: "builds_completed", status: "completed" })]);
    await advance(bench, 1_000);
    expect((await running).outcome).toBe("proceed");
    expect(bench.store.callsOf("load")).toHaveLength(2);
    expect(written(bench)).toEqual(["held: waiting for: [builds_completed]", "running: "]);
    expect((await bench.history("a")).filter((entry) => entry.startsWith("dev_deploy"))).toEqual([
      "dev_deploy held by slippy-pre: waiting for: [builds_completed]",
      "dev_deploy running by slippy-pre: ",
    ]);
  });

  test("it says anew what it waits for when that changes, and only then", async () => {
    const bench = await benchWith();
    const running = bench.client.runPreExecution(DEPLOY);
    await advance(bench, 2_000);
    await complete(bench, "builds_completed");
    await bench.client.startStep("corr-a", "secret_scan");
    await advance(bench, 5_000);
    await complete(bench, "secret_scan", "unit_tests_completed");
    await advance(bench, 5_000);
    await running;
    expect(written(bench)).toEqual([
      "held: waiting for: [builds_completed unit_tests_completed secret_scan_completed]",
      "held: waiting for: [unit_tests_completed secret_scan_completed]",
      "running: ",
    ]);
  });

  test("U12: it is aborted where a prerequisite has failed, which is no error", async () => {
    const bench = await benchWith();
    await bench.client.failStep("corr-a", "builds_completed", "", "exit 1");
    const { outcome, error } = await bench.client.runPreExecution(DEPLOY);
    expect(outcome).toBe("skip");
    expect(error).toMatchObject({ code: "SLIP_PREREQUISITES_FAILED", failed: ["builds_completed"] });
    expect(written(bench)).toEqual(["aborted: upstream prerequisites failed: [builds_completed]"]);
    expect((await bench.slip("a")).status).toBe("failed");
  });

  test("it times out, and the slip has failed with it", async () => {
    const bench = await benchWith();
    const running = bench.client.runPreExecution({ ...DEPLOY, prerequisites: ["dev_tests"], holdTimeoutMs: 5_000 });
    await advance(bench, 5_000);
    expect((await running).outcome).toBe("timed_out");
    expect(written(bench)).toEqual([
      "held: waiting for: [dev_tests]",
      "timeout: hold timeout waiting for: [dev_tests]",
    ]);
    expect((await bench.slip("a")).status).toBe("failed");
  });

  test("it is aborted where it is asked to stop, before and during the hold", async () => {
    const bench = await benchWith();
    const controller = new AbortController();
    const running = bench.client.runPreExecution(DEPLOY, controller.signal);
    await advance(bench, 2_000);
    controller.abort();
    expect((await running).outcome).toBe("aborted");
    expect(written(bench).at(-1)).toBe("aborted: context cancelled");
  });

  test("it is aborted where the slip was given up, and goes on where it was promoted", async () => {
    const bench = await benchWith();
    await complete(bench, "builds_completed", "unit_tests_completed", "secret_scan_completed");
    await bench.client.promoteSlip("corr-a", "corr-z");
    expect((await bench.client.runPreExecution(DEPLOY)).outcome).toBe("proceed");
    await bench.push("b");
    await bench.client.abandonSlip("corr-b", "corr-c");
    const given = await bench.client.runPreExecution({ ...DEPLOY, correlationId: "corr-b", prerequisites: [] });
    expect(given.outcome).toBe("aborted");
    expect((await bench.slip("b")).steps["dev_deploy"]?.status).toBe("aborted");
    expect((await bench.slip("b")).status).toBe("abandoned");
  });

  test("prerequisites and time-outs that nobody gives are those of the route", async () => {
    const bench = await benchWith();
    const running = bench.client.runPreExecution({
      correlationId: "corr-a",
      stepName: "dev_deploy",
      actor: ACTORS.pre,
    });
    await advance(bench, 1_000);
    expect(written(bench)).toEqual([
      "held: waiting for: [builds_completed unit_tests_completed secret_scan_completed]",
    ]);
    bench.clock.advance(2 * 3_600_000);
    expect((await running).error).toMatchObject({ code: "SLIP_HOLD_TIMED_OUT", timeoutMs: 2 * 3_600_000 });
  });

  test("an end that cannot be written does not hide why it ends", async () => {
    const bench = await benchWith();
    await bench.client.failStep("corr-a", "builds_completed", "", "exit 1");
    bench.store.fail("append", new Error("gone"));
    expect((await bench.client.runPreExecution(DEPLOY)).outcome).toBe("skip");
    expect(bench.log.of("error")).toEqual(["the end of the step could not be written"]);
  });

  test("writing that it holds or goes on must not fail", async () => {
    const bench = await benchWith();
    bench.store.fail("append", new Error("gone"));
    await expect(bench.client.runPreExecution(DEPLOY)).rejects.toThrow("failed to update step dev_deploy: gone");
    await expect(bench.client.runPreExecution({ ...DEPLOY, prerequisites: [] })).rejects.toThrow("gone");
  });

  test("a step that there is not, and a slip that there is not, are errors", async () => {
    const bench = await benchWith();
    await expect(bench.client.runPreExecution({ ...DEPLOY, stepName: "deploy_dev" })).rejects.toMatchObject({
      code: "SLIP_STEP_UNKNOWN",
    });
    await expect(bench.client.runPreExecution({ ...DEPLOY, correlationId: "x" })).rejects.toMatchObject({
      code: "SLIP_NOT_FOUND",
    });
    const missing = { ...DEPLOY, correlationId: "x", onMissingSlip: "proceed" } as const;
    expect(await bench.client.runPreExecution(missing)).toMatchObject({ outcome: "proceed", slipId: "" });
    bench.store.fail("load", new Error("gone"));
    await expect(bench.client.runPreExecution(missing)).rejects.toThrow("failed to load slip: gone");
  });

  test("where slips are switched off, or not for this repository, it goes on and nothing is written", async () => {
    for (const options of [{ isEnabled: false }, { filter: parseRepositoryFilter("*,!octo-org/webshop") }]) {
      const bench = new Bench(options);
      expect((await bench.client.runPreExecution({ ...DEPLOY, repository: REPOSITORY })).outcome).toBe("proceed");
      expect(bench.store.calls).toEqual([]);
    }
  });

  test("preExecute throws what keeps it", async () => {
    const bench = await benchWith();
    await bench.client.preExecute({ correlationId: "corr-a", stepName: "dev_deploy" });
    expect((await bench.history("a")).at(-1)).toBe("dev_deploy running by slippy-library: step started");
    await bench.client.failStep("corr-a", "dev_deploy", "", "x");
    const wait = { correlationId: "corr-a", stepName: "dev_tests", prerequisites: ["dev_deploy"] };
    await expect(bench.client.preExecute(wait)).rejects.toThrow("prerequisites failed: [dev_deploy]");
  });
});

describe("in shadow mode", () => {
  test("nothing is held: what would be is told, and the step runs", async () => {
    const bench = await benchWith();
    await complete(bench, "unit_tests_completed");
    await bench.client.failStep("corr-a", "secret_scan", "", "found");
    const shadow = new Bench({ store: bench.store, isShadow: true });
    expect(await shadow.client.runPreExecution(DEPLOY)).toMatchObject({ outcome: "proceed", slipId: "slip-1" });
    expect(shadow.log.of("warn")).toEqual([
      "[SHADOW] dev_deploy would be held, waiting for: [builds_completed]",
      "[SHADOW] dev_deploy would be skipped, failed: [secret_scan_completed]",
    ]);
    expect(written(bench)).toEqual(["running: "]);
  });

  test("a failure alone does not look like a hold", async () => {
    const bench = await benchWith();
    await bench.client.failStep("corr-a", "dev_tests", "", "x");
    const shadow = new Bench({ store: bench.store, isShadow: true });
    await shadow.client.runPreExecution({ ...DEPLOY, prerequisites: ["dev_tests"] });
    expect(shadow.log.of("warn")).toEqual(["[SHADOW] dev_deploy would be skipped, failed: [dev_tests]"]);
  });

  test("no slip, no store, no input keeps a step or a push from going on", async () => {
    const bench = new Bench({ isShadow: true });
    expect(bench.client.isShadowMode()).toBe(true);
    expect(await bench.client.runPreExecution(DEPLOY)).toMatchObject({ outcome: "proceed", slipId: "" });
    expect(bench.log.of("warn")[0]).toMatch(/^\[SHADOW\] No slip found, would proceed anyway: slip not found/);
    expect(await bench.client.runPostExecution({ ...DEPLOY, workflowStatus: "Succeeded" })).toBe("");
    for (const method of ["load", "loadByCommit", "create", "append", "findByCommit"] as const) {
      bench.store.fail(method, new Error("gone"));
    }
    expect(await bench.client.load("x")).toBeNull();
    expect(await bench.client.createSlipForPush({ correlationId: "c", repository: "a/b", commitSha: "c" })).toBeNull();
    expect(await bench.client.createSlipForPush({ correlationId: "", repository: "", commitSha: "" })).toBeNull();
    expect(await bench.client.resolveSlip({ repository: "a" })).toBeNull();
    expect(await bench.client.promoteSlip("a", "b")).toBe(false);
    await bench.client.startStep("a", "b");
    await bench.client.waitForPrerequisites({ correlationId: "a", prerequisites: ["b"] });
    for (const message of bench.log.of("error")) expect(message).toMatch(/^\[SHADOW\] /);
  });
});

describe("after a step", () => {
  const POST = { correlationId: "corr-a", stepName: "build", componentName: "svc-a", actor: ACTORS.post };

  test.each([
    ["U13", "Succeeded", "", "completed: workflow completed successfully"],
    ["U14", "Failed", "exit code 1", "failed: exit code 1"],
    ["without a message", "Failed", "", "failed: workflow failed"],
    ["an error", "Error", "x", "error: workflow encountered an error"],
    ["an unknown status", "Paused", "", "error: unknown workflow status: Paused"],
    ["no status", "", "", "error: unknown workflow status: "],
  ])("%s: %s is written once", async (_, workflowStatus, failureMessage, expected) => {
    const bench = new Bench();
    await bench.push("a");
    bench.store.calls.length = 0;
    expect(await bench.client.runPostExecution({ ...POST, workflowStatus, failureMessage })).toBe("corr-a");
    expect(written(bench)).toEqual([expected]);
    expect(bench.store.callsOf("append")).toHaveLength(1);
  });

  test.each(["aborted", "timeout"])("a step that is %s stays it where its workflow failed for that", async (status) => {
    const bench = await benchWith();
    await bench.client.updateStepWithStatus("corr-a", "dev_deploy", "", status, "before");
    const post = { ...POST, stepName: "dev_deploy", componentName: "" };
    await bench.client.runPostExecution({ ...post, workflowStatus: "Failed", failureMessage: "init failed" });
    expect(written(bench)).toEqual([`note ${status}: init failed`]);
    expect((await bench.slip("a")).steps["dev_deploy"]).toMatchObject({ status, error: "before" });
    await bench.client.runPostExecution({ ...post, workflowStatus: "Succeeded" });
    expect((await bench.slip("a")).steps["dev_deploy"]?.status).toBe("completed");
  });

  test("the last component settles its aggregate", async () => {
    const bench = await benchWith();
    await bench.client.postExecute(POST, true);
    expect((await bench.slip("a")).steps["builds_completed"]?.status).toBe("completed");
    await bench.client.postExecute({ ...POST, stepName: "unit_test" }, false);
    expect((await bench.slip("a")).status).toBe("failed");
  });

  test("a slip that there is not, and a store that fails, are errors", async () => {
    const bench = await benchWith();
    await expect(
      bench.client.runPostExecution({ ...POST, correlationId: "x", workflowStatus: "Succeeded" }),
    ).rejects.toMatchObject({ code: "SLIP_NOT_FOUND" });
    bench.store.fail("append", new Error("gone"));
    await expect(bench.client.runPostExecution({ ...POST, workflowStatus: "Succeeded" })).rejects.toThrow(
      "failed to update step build: gone",
    );
  });
});

test("I1: the life of a slip, from push to production", async () => {
  const bench = new Bench();
  const ids = { correlationId: "integration-test-1", commitSha: "abc123def456", repository: "mycarrier/test-repo" };
  const components = ["svc-a", "svc-b"].map((name) => ({ name, dockerfilePath: "" }));
  const { client } = bench;
  const slip = await client.createSlipForPush({ ...ids, branch: "main", components });
  expect(slip?.steps["push_parsed"]?.status).toBe("running");
  const { correlationId } = ids;
  await client.completeStep(correlationId, "push_parsed");
  for (const componentName of ["svc-a", "svc-b"]) {
    for (const stepName of ["build", "unit_test"]) {
      const step = { correlationId, stepName, componentName };
      const pre = { ...step, prerequisites: ["push_parsed"], holdTimeoutMs: 1_000, pollIntervalMs: 100 };
      expect((await client.runPreExecution(pre)).outcome).toBe("proceed");
      await client.runPostExecution({ ...step, workflowStatus: "Succeeded" });
    }
  }
  expect((await client.load(correlationId))?.steps["builds_completed"]?.status).toBe("completed");
  for (const { name } of [{ name: "secret_scan" }, ...client.route.steps.slice(4, 12)]) {
    const step = { correlationId, stepName: name };
    expect((await client.runPreExecution(step)).outcome).toBe("proceed");
    await client.runPostExecution({ ...step, workflowStatus: "Succeeded" });
  }
  expect((await client.load(correlationId))?.status).toBe("completed");
  expect(await client.loadByCommit(ids.repository, ids.commitSha)).toEqual(await client.load(correlationId));
  expect(await client.loadById("slip-1")).toEqual(await client.load(correlationId));
  await expect(client.loadById(shaOf("x"))).rejects.toMatchObject({ code: "SLIP_NOT_FOUND" });
});
