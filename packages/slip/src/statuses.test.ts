import { describe, expect, test } from "vitest";
import {
  isFailedStep,
  isSlipStatus,
  isStepStatus,
  isSuccessfulSlip,
  isSuccessfulStep,
  isTerminalSlip,
  isTerminalStep,
} from "./statuses.ts";
import { getComponentStep, getStep, isComplete } from "./slip.ts";
import { Bench } from "./testing/bench.ts";

describe("statuses of steps", () => {
  test.each([
    ["pending", false, false, false],
    ["held", false, false, false],
    ["running", false, false, false],
    ["completed", true, true, false],
    ["failed", true, false, true],
    ["error", true, false, true],
    ["aborted", true, false, true],
    ["timeout", true, false, true],
    ["skipped", true, true, false],
    ["of a newer version", false, false, false],
  ])("U1, U2: %s", (status, isTerminal, isSuccess, isFailure) => {
    expect(isTerminalStep(status)).toBe(isTerminal);
    expect(isSuccessfulStep(status)).toBe(isSuccess);
    expect(isFailedStep(status)).toBe(isFailure);
    expect(isStepStatus(status)).toBe(status !== "of a newer version");
  });
});

describe("statuses of slips", () => {
  test.each([
    ["pending", false, false],
    ["in_progress", false, false],
    ["completed", true, true],
    ["failed", true, false],
    ["compensating", false, false],
    ["compensated", true, false],
    ["cancelled", true, false],
    ["promoted", true, true],
    ["abandoned", true, false],
  ])("U5: %s", (status, isTerminal, isSuccess) => {
    if (!isSlipStatus(status)) throw new Error("it is one");
    expect(isTerminalSlip(status)).toBe(isTerminal);
    expect(isComplete({ status })).toBe(isTerminal);
    expect(isSuccessfulSlip(status)).toBe(isSuccess);
  });
});

test("U3: a step is found by its name, and what is none is absent", async () => {
  const bench = new Bench();
  await bench.push("a");
  await bench.client.completeStep("corr-a", "push_parsed");
  const slip = await bench.slip("a");
  expect(getStep(slip, "push_parsed")?.status).toBe("completed");
  expect(getStep(slip, "nonexistent")).toBeNull();
  expect(getStep(slip, "constructor")).toBeNull();
});

test("U4: the status of a component is found by both names", async () => {
  const bench = new Bench();
  const components = ["svc-a", "svc-b"].map((name) => ({ name, dockerfilePath: "" }));
  await bench.push("a", { components });
  await bench.client.completeStep("corr-a", "build", "svc-a");
  await bench.client.startStep("corr-a", "build", "svc-b");
  const slip = await bench.slip("a");
  expect(getComponentStep(slip, "svc-a", "build")).toBe("completed");
  expect(getComponentStep(slip, "svc-b", "build")).toBe("running");
  expect(getComponentStep(slip, "svc-c", "build")).toBeNull();
  expect(getComponentStep(slip, "svc-a", "toString")).toBeNull();
});
