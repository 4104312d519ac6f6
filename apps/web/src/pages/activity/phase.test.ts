import { expect, test } from "vitest";
import type { Job } from "../../api/generated/operations.ts";
import { phaseOf } from "./phase.ts";

function job(name: string, status: Job["status"], more: Partial<Job> = {}): Job {
  return { name, status, held_by: null, steps: [], ...more } as unknown as Job;
}

test("what a run is doing is said by what of it runs, else by what it waits for", () => {
  const steps = [{ name: "compile", status: "running" }] as unknown as Job["steps"];
  expect(phaseOf([job("build", "running", { steps }), job("test", "pending")])).toBe("build: compile");
  expect(phaseOf([job("a", "running"), job("b", "running")])).toBe("a, b");
  expect(phaseOf([job("a", "running"), job("b", "running"), job("c", "running")])).toBe("a, b and 1 more");
  expect(phaseOf([job("a", "success"), job("ship", "pending", { held_by: "approval" })])).toBe("ship is held");
  expect(phaseOf([job("a", "retry")])).toBe("a will be tried again");
  expect(phaseOf([job("a", "success"), job("b", "pending")])).toBe("the next job is about to begin");
  expect(phaseOf([job("a", "success")])).toBe("ending");
});
