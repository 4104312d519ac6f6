import { describe, expect, it } from "vitest";
import { definitionOf } from "../testing/index.ts";
import { Simulation, type SimulatedOutcome, type SimulationOptions } from "./simulation.ts";

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
