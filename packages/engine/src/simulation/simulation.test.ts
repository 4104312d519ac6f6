import { describe, expect, it } from "vitest";
import { definitionOf } from "../testing/index.ts";
import { Simulation, type SimulatedEvent, type SimulatedOutcome, type SimulationOptions } from "./simulation.ts";

const OPTIONS: SimulationOptions = { concurrency: 1000, jobs: null, parameters: {}, system: {} };

type Sketches = Parameters<typeof definitionOf>[0];

function simulate(sketches: Sketches, options: Partial<SimulationOptions> = {}): Simulation {
  return new Simulation(definitionOf(sketches), { ...OPTIONS, ...options });
}

function play(simulation: Simulation, ...events: readonly (readonly [string, SimulatedOutcome])[]): object {
  for (const [job, outcome] of events) simulation.apply({ job, outcome });
  return Object.fromEntries(simulation.statuses());
}

const CHAIN = { a: {}, b: { dependsOn: ["a"] }, c: { dependsOn: ["b"] }, d: {} } satisfies Sketches;

describe("Simulation", () => {
  it("begins with every job that waits for none", () => {
    expect(play(simulate(CHAIN))).toEqual({ a: "running", b: "pending", c: "pending", d: "running" });
  });

  it("starts what a success allows, and is a success when all are", () => {
    const simulation = simulate(CHAIN);
    expect(play(simulation, ["a", "success"])).toMatchObject({ a: "success", b: "running" });
    play(simulation, ["b", "success"], ["d", "success"], ["c", "success"]);
    expect(simulation.status).toBe("success");
  });

  it.each(["failed", "cancelled"] as const)("leaves out what is behind a job that %s, and nothing else", (outcome) => {
    const simulation = simulate(CHAIN);
    expect(play(simulation, ["a", outcome])).toEqual({ a: outcome, b: "cancelled", c: "cancelled", d: "running" });
    play(simulation, ["d", "success"]);
    expect(simulation.status).toBe(outcome);
  });

  it("takes an outcome as the last one, whatever retries and tolerated failures the job has", () => {
    const simulation = simulate({ a: { retryCount: 3, steps: [{ retryCount: 2, continueOnFailure: true }, {}] } });
    expect(play(simulation, ["a", "failed"])).toEqual({ a: "failed" });
  });

  it("takes a failure with an exit code or category as that of one attempt, and follows the retry rules", () => {
    const steps = [{ retry: { max: 1, when: ["transient_dependencies"] } }, {}] as const;
    const simulation = simulate({ a: { retryCount: 1, steps } });
    const after = (event: Omit<SimulatedEvent, "job">): object => {
      simulation.apply({ job: "a", ...event });
      return Object.fromEntries(simulation.statuses());
    };
    // The step is tried again, in its job; then the job, which frees its slot meanwhile.
    expect(after({ outcome: "failed", category: "transient_dependencies" })).toEqual({ a: "running" });
    expect(after({ outcome: "failed", exit_code: 1 })).toEqual({ a: "retry" });
    expect(after({ outcome: "failed", exit_code: 127 })).toEqual({ a: "failed" });
    expect(simulation.messageOf("a")).toContain("exited with code 127");
  });

  it("begins the next attempt of a job that waits for it with the next event, if there is a slot", () => {
    const simulation = simulate({ a: { retryCount: 1 }, b: {}, c: {} }, { concurrency: 1 });
    simulation.apply({ job: "a", outcome: "failed", exit_code: 1 });
    expect(Object.fromEntries(simulation.statuses())).toEqual({ a: "retry", b: "running", c: "pending" });
    expect(() => simulation.apply({ job: "a", outcome: "success" })).toThrow("it is retry");
    simulation.apply({ job: "b", outcome: "success" });
    expect(Object.fromEntries(simulation.statuses())).toEqual({ a: "running", b: "success", c: "pending" });
    simulation.apply({ job: "a", outcome: "success" });
    expect(simulation.statuses().get("a")).toBe("success");
  });

  it("lets a job whose step may fail go on behind it, and still end as it is told", () => {
    const simulation = simulate({ a: { steps: [{ continueOnFailure: true }] } });
    simulation.apply({ job: "a", outcome: "failed", exit_code: 9 });
    expect(simulation.statuses().get("a")).toBe("failed");
  });

  it("keeps to the limit and says who is next", () => {
    const simulation = simulate({ a: {}, b: {}, c: {} }, { concurrency: 1 });
    expect(simulation.ready).toEqual(["b", "c"]);
    expect(play(simulation, ["a", "failed"])).toEqual({ a: "failed", b: "running", c: "pending" });
    expect(simulation.ready).toEqual(["c"]);
  });

  it("refuses an event about a job that does not run, and stays as it was", () => {
    const simulation = simulate(CHAIN);
    expect(() => simulation.apply({ job: "b", outcome: "success" })).toThrow(
      '"b" cannot end as success: it is pending',
    );
    expect(() => simulation.apply({ job: "e", outcome: "success" })).toThrow('no job "e"');
    expect(play(simulation)).toEqual({ a: "running", b: "pending", c: "pending", d: "running" });
  });

  it("decides conditions by parameters and by how earlier jobs ended", () => {
    const sketches = {
      a: {},
      b: { dependsOn: ["a"], condition: "STAGE == 'prod'" },
      c: { dependsOn: ["a"], condition: "job.a.status == 'SUCCESS'" },
    } satisfies Sketches;
    const simulation = simulate(sketches, { parameters: { STAGE: "test" } });
    expect(play(simulation, ["a", "success"])).toEqual({ a: "success", b: "cancelled", c: "running" });
    expect(simulation.warnings).toEqual([]);
    play(simulation, ["c", "success"]);
    expect(simulation.status).toBe("success");
  });

  it.each(["WAYBILL_RUN_NUMBER == '1'", "job.a.outputs.x == 'y'", "NEVER_SET == 'x'"])(
    "takes a condition that asks for what only a run knows as true: %s",
    (condition) => {
      const simulation = simulate({ a: {}, b: { dependsOn: ["a"], condition } });
      expect(play(simulation, ["a", "success"])).toEqual({ a: "success", b: "running" });
      expect(simulation.warnings).toMatchObject([{ job: "b", condition }]);
    },
  );
});
