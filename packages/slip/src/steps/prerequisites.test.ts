import { describe, expect, test } from "vitest";
import { DEFAULT_ROUTE } from "../route/route.ts";
import type { Component, Slip, Step } from "../slip.ts";
import { foldSlip } from "../state/fold.ts";
import type { StepStatus } from "../statuses.ts";
import { sampleHeader } from "../testing/fixtures.ts";
import { RecordedLog } from "../testing/recorded-log.ts";
import { checkPrerequisites, type PrerequisiteResult } from "./prerequisites.ts";

/** A slip as another program might make it: with these steps and components alone. */
function slipWith(
  steps: Readonly<Record<string, StepStatus>>,
  components: Readonly<Record<string, Readonly<Record<string, StepStatus>>>> = {},
): Slip {
  const step = (status: StepStatus): Step => ({ status, startedAt: null, completedAt: null, actor: "", error: "" });
  return {
    ...foldSlip(sampleHeader("a"), [], DEFAULT_ROUTE),
    steps: Object.fromEntries(Object.entries(steps).map(([name, status]) => [name, step(status)])),
    components: Object.entries(components).map(([name, statuses]): Component => ({
      name,
      dockerfilePath: "",
      imageTag: "",
      statuses,
    })),
  };
}

const log = new RecordedLog();

function check(slip: Slip, prerequisites: readonly string[], component = ""): PrerequisiteResult {
  return checkPrerequisites(slip, prerequisites, component, { route: DEFAULT_ROUTE, logger: log });
}

describe("prerequisites", () => {
  test("U6: are all met", () => {
    const result = check(slipWith({ builds_completed: "completed" }), ["builds_completed"]);
    expect(result).toMatchObject({ status: "completed", allMet: true, pending: [], completed: ["builds_completed"] });
  });

  test("U7: an aggregate that the slip does not have is pending where a component runs", () => {
    const slip = slipWith({}, { "svc-a": { build: "running" } });
    expect(check(slip, ["builds_completed"])).toMatchObject({
      status: "running",
      allMet: false,
      pending: ["builds_completed"],
    });
  });

  test("U8: and has failed where the component has", () => {
    const slip = slipWith({}, { "svc-a": { build: "failed" } });
    expect(check(slip, ["builds_completed"])).toMatchObject({
      allMet: false,
      hasFailed: true,
      failed: ["builds_completed"],
    });
    const unwritten = slipWith({ builds_completed: "pending" }, { "svc-a": { build: "completed" } });
    expect(check(unwritten, ["builds_completed"]).allMet).toBe(true);
  });

  test("U9: of a component are its own", () => {
    const done = { build: "completed", unit_test: "completed" } as const;
    const slip = slipWith({}, { "svc-a": done, "svc-b": { build: "running", unit_test: "pending" } });
    expect(check(slip, ["build", "unit_test"], "svc-a").allMet).toBe(true);
    expect(check(slip, ["build", "unit_test"], "svc-b").pending).toEqual(["build", "unit_test"]);
  });

  test("of no component, or an unknown one, are the aggregates", () => {
    const slip = slipWith({ builds_completed: "completed" }, { "svc-a": { build: "completed" } });
    expect(check(slip, ["build"]).allMet).toBe(true);
    expect(check(slip, ["build"], "svc-z").allMet).toBe(true);
  });

  test("a failure goes before what still runs, and the order stays", () => {
    const slip = slipWith({ push_parsed: "completed", dev_deploy: "failed", dev_tests: "running", prod_tests: "held" });
    expect(check(slip, ["dev_tests", "dev_deploy", "push_parsed", "prod_tests"])).toEqual({
      status: "failed",
      completed: ["push_parsed"],
      running: ["dev_tests", "prod_tests"],
      pending: ["dev_tests", "prod_tests"],
      failed: ["dev_deploy"],
      allMet: false,
      hasFailed: true,
    });
  });

  test.each([[[]], [["", "  "]]])("none are met: %j", (prerequisites) => {
    expect(check(slipWith({}), prerequisites)).toMatchObject({ status: "completed", allMet: true, completed: [] });
  });

  test("spaces around a name do not count, and an unknown one is pending and told of", () => {
    expect(check(slipWith({ dev_deploy: "skipped" }), [" dev_deploy "]).completed).toEqual(["dev_deploy"]);
    expect(log.of("error")).toEqual([]);
    expect(check(slipWith({}), ["no_step"]).pending).toEqual(["no_step"]);
    expect(log.of("error")).toEqual(["Unknown prerequisite: no_step"]);
  });

  test("a scan that nobody has reported yet is pending and known", () => {
    const before = log.of("error").length;
    expect(check(slipWith({}), ["secret_scan", "secret_scan_completed"]).pending).toHaveLength(2);
    expect(log.of("error")).toHaveLength(before);
  });
});
