import { describe, expect, test } from "vitest";
import { parseRoute } from "../route/parse-route.ts";
import type { ComponentDefinition } from "../slip.ts";
import { foldSlip } from "../state/fold.ts";
import { Bench } from "../testing/bench.ts";
import { sampleEvent, sampleHeader } from "../testing/fixtures.ts";

function named(...names: readonly string[]): readonly ComponentDefinition[] {
  return names.map((name) => ({ name, dockerfilePath: "" }));
}

async function benchWith(...components: readonly string[]): Promise<Bench> {
  const bench = new Bench();
  await bench.push("a", { components: named(...components) });
  return bench;
}

describe("each operation on a step writes its status and message", () => {
  test.each([
    ["startStep", [""], "running", "step started"],
    ["completeStep", [""], "completed", "step completed successfully"],
    ["failStep", ["exit 1"], "failed", "exit 1"],
    ["holdStep", ["build"], "held", "waiting for: build"],
    ["abortStep", ["upstream"], "aborted", "upstream"],
    ["timeoutStep", ["too long"], "timeout", "too long"],
  ] as const)("%s", async (operation, args, status, message) => {
    const bench = await benchWith("svc-a");
    const reason = args[0] ?? "";
    if (operation === "startStep" || operation === "completeStep")
      await bench.client[operation]("corr-a", "dev_deploy");
    else await bench.client[operation]("corr-a", "dev_deploy", "", reason);
    expect((await bench.history("a")).at(-1)).toBe(`dev_deploy ${status} by slippy-library: ${message}`);
    expect((await bench.slip("a")).steps["dev_deploy"]?.status).toBe(status);
  });

  test("any status may be written by its name, by anyone", async () => {
    const bench = await benchWith("svc-a");
    await bench.client.updateStepWithStatus("corr-a", "dev_tests", "", "skipped", "no tests");
    const update = { step: "dev_deploy", component: "", status: "error", message: "lost", actor: "mona" };
    await bench.client.updateStepStatus("corr-a", update);
    const { steps } = await bench.slip("a");
    expect(steps["dev_tests"]?.status).toBe("skipped");
    expect(steps["dev_deploy"]).toMatchObject({ status: "error", actor: "mona", error: "lost" });
  });
});

test("times of a step follow its statuses", async () => {
  const bench = await benchWith("svc-a");
  const of = async (): Promise<unknown> => {
    const { startedAt, completedAt } = (await bench.slip("a")).steps["dev_deploy"] ?? {};
    return [startedAt, completedAt];
  };
  const { client, clock } = bench;
  await client.holdStep("corr-a", "dev_deploy", "", "x");
  expect(await of()).toEqual([null, null]);
  await client.startStep("corr-a", "dev_deploy");
  clock.advance(1_000);
  await client.startStep("corr-a", "dev_deploy");
  expect(await of()).toEqual([1_000_000, null]);
  await client.completeStep("corr-a", "dev_deploy");
  expect(await of()).toEqual([1_000_000, 1_001_000]);
  clock.advance(1_000);
  await client.startStep("corr-a", "dev_deploy");
  expect(await of()).toEqual([1_002_000, null]);
  await client.completeStep("corr-a", "dev_tests");
  expect((await bench.slip("a")).steps["dev_tests"]).toMatchObject({ startedAt: null, completedAt: 1_002_000 });
});

describe("what there is not is refused", () => {
  test.each([
    ["no_step", "", "running", "SLIP_STEP_UNKNOWN"],
    ["build", "svc-z", "running", "SLIP_COMPONENT_UNKNOWN"],
    ["build", "", "running", "SLIP_COMPONENT_UNKNOWN"],
    ["build", "svc-a", "Running", "SLIP_STATUS_UNKNOWN"],
    ["build", "svc-a", "promoted", "SLIP_STATUS_UNKNOWN"],
  ])("%s/%s %s", async (step, component, status, code) => {
    const bench = await benchWith("svc-a");
    await expect(bench.client.updateStepWithStatus("corr-a", step, component, status, "")).rejects.toMatchObject({
      code,
    });
    expect(bench.store.callsOf("append")).toEqual([]);
  });

  test("a slip", async () => {
    await expect(new Bench().client.startStep("nobody", "build")).rejects.toMatchObject({ code: "SLIP_NOT_FOUND" });
  });

  test("a component of a step of the whole slip is only told of", async () => {
    const bench = await benchWith("svc-a");
    await bench.client.completeStep("corr-a", "dev_deploy", "svc-a");
    expect((await bench.slip("a")).steps["dev_deploy"]?.status).toBe("completed");
    expect((await bench.history("a")).at(-1)).toMatch(/^dev_deploy\/svc-a completed/);
  });

  test("a store that fails is named with the step", async () => {
    const bench = await benchWith("svc-a");
    bench.store.fail("append", new Error("gone"));
    await expect(bench.client.startStep("corr-a", "dev_deploy")).rejects.toThrow(
      "failed to update step dev_deploy: gone",
    );
  });
});

describe("aggregates", () => {
  test("wait for the last component, even where one has failed", async () => {
    const bench = await benchWith("svc-a", "svc-b", "svc-c");
    await bench.client.failStep("corr-a", "build", "svc-a", "exit 1");
    await bench.client.completeStep("corr-a", "build", "svc-b");
    expect((await bench.slip("a")).steps["builds_completed"]?.status).toBe("pending");
    await bench.client.updateStepWithStatus("corr-a", "build", "svc-c", "skipped", "");
    expect((await bench.slip("a")).steps["builds_completed"]?.status).toBe("failed");
    expect((await bench.history("a")).at(-1)).toBe(
      "builds_completed failed by slippy-library: one or more components failed",
    );
    expect((await bench.slip("a")).status).toBe("failed");
  });

  test("complete with the last component, skipped ones among them, and that once", async () => {
    const bench = await benchWith("svc-a", "svc-b");
    await bench.client.updateStepWithStatus("corr-a", "unit_test", "svc-a", "skipped", "");
    await bench.client.completeStep("corr-a", "unit_test", "svc-b");
    await bench.client.completeStep("corr-a", "unit_test", "svc-b");
    const entries = (await bench.history("a")).filter((entry) => entry.startsWith("unit_tests_completed"));
    expect(entries).toEqual([
      "unit_tests_completed completed by slippy-library: all components completed successfully",
    ]);
  });

  test("run again where a component does", async () => {
    const bench = await benchWith("svc-a");
    await bench.client.completeStep("corr-a", "build", "svc-a");
    await bench.client.startStep("corr-a", "build", "svc-a");
    expect((await bench.slip("a")).steps["builds_completed"]?.status).toBe("running");
    await bench.client.completeStep("corr-a", "build", "svc-a");
    expect((await bench.slip("a")).steps["builds_completed"]?.status).toBe("completed");
  });

  test.each(["completed", "failed", "timeout", "skipped"])(
    "a secret scan that is %s is what deployments see",
    async (status) => {
      const bench = await benchWith("svc-a");
      await bench.client.startStep("corr-a", "secret_scan");
      expect((await bench.slip("a")).steps["secret_scan_completed"]?.status).toBe("pending");
      await bench.client.updateStepWithStatus("corr-a", "secret_scan", "", status, "found");
      const { steps } = await bench.slip("a");
      expect(steps["secret_scan_completed"]?.status).toBe(status);
      expect(steps["secret_scan"]?.status).toBe(status);
    },
  );

  test("the gate's success is the steady state, which completes the slip", async () => {
    const bench = await benchWith("svc-a");
    await bench.client.completeStep("corr-a", "alert_gate");
    const slip = await bench.slip("a");
    expect(slip.steps["prod_steady_state"]).toMatchObject({ status: "completed", completedAt: 1_000_000 });
    expect(slip.status).toBe("completed");
  });

  test("may be written by hand as well", async () => {
    const bench = await benchWith("svc-a");
    await bench.client.completeStep("corr-a", "builds_completed");
    expect((await bench.slip("a")).steps["builds_completed"]?.status).toBe("completed");
  });
});

describe("the slip's status", () => {
  test.each(["failed", "error", "aborted", "timeout"])(
    "is failed where a step is %s, and not any more when it runs again",
    async (status) => {
      const bench = await benchWith("svc-a");
      await bench.client.updateStepWithStatus("corr-a", "dev_deploy", "", status, "");
      expect((await bench.slip("a")).status).toBe("failed");
      await bench.client.startStep("corr-a", "dev_deploy");
      expect((await bench.slip("a")).status).toBe("in_progress");
    },
  );

  test("is completed with the last step, whatever failed before", async () => {
    const bench = await benchWith("svc-a");
    await bench.client.failStep("corr-a", "dev_tests", "", "flaky");
    await bench.client.completeStep("corr-a", "prod_steady_state");
    expect((await bench.slip("a")).status).toBe("completed");
  });

  test.each(["compensating", "compensated", "failed", "completed"] as const)(
    "can be set to %s, and given back",
    async (status) => {
      const bench = await benchWith("svc-a");
      await bench.client.updateSlipStatus("corr-a", status, { actor: "mona", message: "by hand" });
      expect((await bench.slip("a")).status).toBe(status);
      expect((await bench.history("a")).at(-1)).toBe(`slip ${status} by mona: by hand`);
      await bench.client.updateSlipStatus("corr-a", "in_progress");
      expect((await bench.slip("a")).status).toBe("in_progress");
    },
  );
});

describe("promote slip, abandon slip, cancel slip", () => {
  test("write the status, the history and where it went", async () => {
    const bench = await benchWith("svc-a");
    expect(await bench.client.promoteSlip("corr-a", "corr-b")).toBe(true);
    expect(await bench.slip("a")).toMatchObject({ status: "promoted", promotedTo: "corr-b" });
    expect((await bench.history("a")).at(-1)).toBe("slip promoted by slippy-library: promoted to corr-b");
    await bench.push("c");
    expect(await bench.client.abandonSlip("corr-c", "corr-d", { actor: "mona" })).toBe(true);
    expect((await bench.history("c")).at(-1)).toBe("slip abandoned by mona: superseded by corr-d");
    await bench.push("e");
    expect(await bench.client.cancelSlip("corr-e", "not wanted")).toBe(true);
    expect((await bench.slip("e")).status).toBe("cancelled");
  });

  test("the same promotion again is none, and any other is refused", async () => {
    const bench = await benchWith("svc-a");
    await bench.client.promoteSlip("corr-a", "corr-b");
    const before = await bench.history("a");
    expect(await bench.client.promoteSlip("corr-a", "corr-b")).toBe(true);
    expect(await bench.client.promoteSlip("corr-a", "corr-c")).toBe(false);
    expect(await bench.client.abandonSlip("corr-a", "corr-c")).toBe(false);
    expect(await bench.history("a")).toEqual(before);
    expect((await bench.slip("a")).promotedTo).toBe("corr-b");
  });

  test.each(["completed", "failed", "abandoned", "cancelled"] as const)(
    "a slip that is %s stays it",
    async (status) => {
      const bench = await benchWith("svc-a");
      await bench.client.updateSlipStatus("corr-a", status);
      expect(await bench.client.promoteSlip("corr-a", "corr-b")).toBe(false);
      expect(await bench.client.abandonSlip("corr-a", "corr-b")).toBe(false);
      expect(await bench.slip("a")).toMatchObject({ status, promotedTo: "" });
    },
  );

  test("errors: no such slip, and a store that fails", async () => {
    const bench = await benchWith("svc-a");
    await expect(bench.client.promoteSlip("nobody", "x")).rejects.toMatchObject({ code: "SLIP_NOT_FOUND" });
    bench.store.fail("append", new Error("gone"));
    await expect(bench.client.abandonSlip("corr-a", "x")).rejects.toThrow("failed to update slip: gone");
  });

  test("of two who end a slip at once the first alone has ended it", () => {
    const ending = { kind: "slip", step: "" } as const;
    const events = [
      sampleEvent("1", { ...ending, status: "promoted", promotedTo: "x" }),
      sampleEvent("2", { ...ending, status: "abandoned" }),
      sampleEvent("3", { ...ending, status: "in_progress" }),
    ];
    const route = parseRoute('{"steps": ["pushed", "dev_deploy"]}');
    const slip = foldSlip(sampleHeader("a"), events, route);
    expect(slip).toMatchObject({ status: "promoted", promotedTo: "x" });
    expect(slip.stateHistory.filter(({ step }) => step === "slip")).toHaveLength(1);
  });
});

test("the clock of a writer orders nothing", () => {
  const route = parseRoute('{"steps": ["pushed", "dev_deploy"]}');
  const events = [
    sampleEvent("1", { time: 9_000, status: "running" }),
    sampleEvent("2", { time: 3_000, status: "completed" }),
  ];
  const slip = foldSlip(sampleHeader("a"), events, route);
  expect(slip.steps["dev_deploy"]).toMatchObject({ status: "completed", startedAt: 9_000, completedAt: 3_000 });
  expect(slip.updatedAt).toBe(9_000);
});
