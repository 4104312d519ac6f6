import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_ROUTE } from "../route/route.ts";
import { isFailedStep, isTerminalSlip, isTerminalStep, STEP_STATUSES, type StepStatus } from "../statuses.ts";
import { sampleEvent, sampleHeader } from "../testing/fixtures.ts";
import { aggregateOf } from "./aggregate.ts";
import type { SlipEvent } from "./events.ts";
import { foldSlip } from "./fold.ts";

const COMPONENTS = ["svc-a", "svc-b", "svc-c"];
const header = sampleHeader("a", { components: COMPONENTS.map((name) => ({ name, dockerfilePath: "" })) });

const builds = fc.array(
  fc.record({ component: fc.constantFrom(...COMPONENTS), status: fc.constantFrom(...STEP_STATUSES) }),
);

const steps = DEFAULT_ROUTE.steps.map(({ name }) => name).filter((name) => name !== "prod_steady_state");
const events = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("step" as const),
      step: fc.constantFrom(...steps),
      status: fc.constantFrom(...STEP_STATUSES),
    }),
    fc.record({ kind: fc.constant("retry" as const), step: fc.constant("push_parsed") }),
    fc.record({
      kind: fc.constant("slip" as const),
      status: fc.constantFrom("promoted" as const, "abandoned" as const, "cancelled" as const, "in_progress" as const),
    }),
  ),
);

function numbered(fields: readonly Partial<SlipEvent>[]): readonly SlipEvent[] {
  return fields.map((each, index) => sampleEvent(String(index), each));
}

test("an aggregate is what its components come to, and runs again where one does", () => {
  fc.assert(
    fc.property(builds, (reports) => {
      const slip = foldSlip(header, numbered(reports.map((each) => ({ ...each, step: "build" }))), DEFAULT_ROUTE);
      const now = new Map<string, StepStatus>(COMPONENTS.map((name) => [name, "pending"]));
      let wasSettled = false;
      for (const { component, status } of reports) {
        now.set(component, status);
        wasSettled ||= [...now.values()].every(isTerminalStep);
      }
      const settled = aggregateOf([...now.values()])?.status;
      expect(slip.steps["builds_completed"]?.status).toBe(settled ?? (wasSettled ? "running" : "pending"));
      expect(slip.stateHistory.filter(({ step }) => step === "build")).toHaveLength(reports.length);
    }),
  );
});

test("whatever happens, an ended slip stays as it ended, and failed is only what has a failure", () => {
  fc.assert(
    fc.property(events, (fields) => {
      const all = numbered(fields);
      let ended: string | null = null;
      for (let count = 0; count <= all.length; count += 1) {
        const slip = foldSlip(header, all.slice(0, count), DEFAULT_ROUTE);
        if (ended !== null) expect(slip.status).toBe(ended);
        if (["promoted", "abandoned", "cancelled"].includes(slip.status)) ended = slip.status;
        const failures = Object.values(slip.steps).filter(({ status }) => isFailedStep(status));
        if (slip.status === "failed") expect(failures).not.toEqual([]);
        expect(isTerminalSlip(slip.status)).toBe(slip.status !== "in_progress");
        expect(foldSlip(header, all.slice(0, count), DEFAULT_ROUTE)).toEqual(slip);
      }
    }),
    { numRuns: 50 },
  );
});
