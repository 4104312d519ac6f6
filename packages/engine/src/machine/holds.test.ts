import { describe, expect, it } from "vitest";
import type { GateAnswer } from "../ports/job-gate.ts";
import { definitionOf, MachineRun } from "../testing/index.ts";
import { heldMs, isOnlyHeld } from "./holds.ts";

const HOLD = { verdict: "hold", message: "waiting for approval of production", remedy: "approve it" } as const;
const GO = { verdict: "go", message: "approved by ann" } as const;

function guarded(jobs: Parameters<typeof definitionOf>[0], concurrency = 10): MachineRun {
  const isGuarded: NonNullable<NonNullable<ConstructorParameters<typeof MachineRun>[1]>["isGuarded"]> = (job) =>
    job.definition.deploysTo !== null;
  return new MachineRun(definitionOf(jobs), { isGuarded, concurrency }).start();
}

function answer(run: MachineRun, job: string, given: GateAnswer): void {
  const at = run.commands.findIndex((command) => command.type === "ask_gate" && command.job === job);
  expect(at).not.toBe(-1);
  run.commands.splice(at, 1);
  run.send({ type: "gate_answered", job, answer: given });
}

const SHIP = { build: {}, ship: { dependsOn: ["build"], deploysTo: "production" }, after: { dependsOn: ["ship"] } };

describe("a job that something stands before", () => {
  it("is asked for when it is due, not before, and begins once it may", () => {
    const run = guarded(SHIP);
    expect(run.commands.map(({ type }) => type)).toEqual(["prepare"]);
    run.complete("build", "success");
    expect(run.statuses()).toMatchObject({ ship: "pending" });
    answer(run, "ship", GO);
    expect(run.statuses()).toMatchObject({ ship: "running" });
    // One that was never held has nothing to tell of.
    expect(run.events.map(({ type }) => type)).not.toContain("job.released");
  });

  it("is held without a slot while others go on, told of once, and begins where it is let through", () => {
    const run = guarded({ ship: { deploysTo: "production" }, other: {}, third: {} }, 1);
    answer(run, "ship", HOLD);
    expect(run.job("ship")).toMatchObject({ status: "pending", reason: "held", message: HOLD.message });
    expect(run.statuses()).toMatchObject({ other: "running", third: "pending" });
    run.send({ type: "look_again" });
    answer(run, "ship", HOLD);
    expect(run.events.filter(({ type }) => type === "job.held")).toHaveLength(1);
    run.send({ type: "look_again" });
    answer(run, "ship", GO);
    expect(run.events.at(-1)).toEqual({ type: "job.released", job: "ship", message: "approved by ann" });
    expect(run.job("ship")).toMatchObject({ status: "pending", reason: null, message: "" });
    run.complete("other", "success");
    run.complete("third", "success");
    expect(run.statuses()).toMatchObject({ ship: "running" });
    run.complete("ship", "success");
    expect(run.result()).toMatchObject({ status: "success" });
  });

  it("is asked for once, however often somebody looks", () => {
    const run = guarded({ ship: { deploysTo: "production" } });
    answer(run, "ship", HOLD);
    run.send({ type: "look_again" }, { type: "look_again" });
    expect(run.commands).toEqual([{ type: "ask_gate", job: "ship" }]);
  });

  it("that is refused ends the run as cancelled, and those behind it do not run", () => {
    const run = guarded(SHIP);
    run.complete("build", "success");
    answer(run, "ship", { verdict: "refuse", message: "bob rejected it", remedy: "talk to bob" });
    expect(run.result()).toMatchObject({
      status: "cancelled",
      jobs: {
        ship: { status: "cancelled", reason: "refused", message: "bob rejected it", attempts: 0 },
        after: { status: "cancelled", reason: "dependency_failed" },
      },
    });
    expect(run.events.find((event) => event.type === "job.finished" && event.job === "ship")).toMatchObject({
      remedy: "talk to bob",
    });
    expect(run.events.at(-1)).toMatchObject({ type: "run.finished", reason: "refused" });
  });

  it("is called off with its run, and an answer that comes later changes nothing", () => {
    const run = guarded({ ship: { deploysTo: "production" } });
    answer(run, "ship", HOLD);
    run.send({ type: "look_again" });
    run.send({ type: "end", cause: { reason: "user", message: "enough" } });
    const told = run.events.length;
    answer(run, "ship", GO);
    expect(run.job("ship")).toMatchObject({ status: "cancelled", reason: "user" });
    expect(run.events).toHaveLength(told);
    expect(run.commands).toEqual([]);
  });

  it("is asked for again after a crash, whether it was held or let through and had not begun", () => {
    const run = guarded({ ship: { deploysTo: "production" }, other: {} }, 1);
    answer(run, "ship", HOLD);
    run.crash();
    run.complete("other", "success");
    answer(run, "ship", HOLD);
    expect(run.events.filter(({ type }) => type === "job.held")).toHaveLength(1);
    run.crash();
    answer(run, "ship", GO);
    expect(run.events.filter(({ type }) => type === "job.started")).toHaveLength(2);
    run.crash();
    expect(run.commands).toMatchObject([{ type: "prepare", job: "ship", again: true }]);
    run.complete("ship", "success");
    expect(run.result()).toMatchObject({ status: "success" });
    expect(run.events.filter((event) => event.type === "job.started" && event.job === "ship")).toHaveLength(1);
  });

  it("is not asked for where its condition is false", () => {
    const definition = definitionOf({ ship: { deploysTo: "production", condition: "false" } });
    const run = new MachineRun(definition, { isGuarded: () => true, conditionHolds: () => false }).start();
    expect(run.commands).toEqual([]);
    expect(run.job("ship").reason).toBe("condition_false");
  });

  it("is not asked for once more at its next attempt", () => {
    const run = guarded({ ship: { deploysTo: "production", retryCount: 1 } });
    answer(run, "ship", GO);
    const execution = run.execution("ship");
    run.complete("ship", "failed");
    run.commands.splice(0);
    run.send({ type: "retry_due", job: "ship", execution });
    expect(run.commands).toMatchObject([{ type: "prepare", attempt: 2 }]);
  });
});

describe("time in which a run is only held", () => {
  it("is known while it lasts", () => {
    const run = guarded({ ship: { deploysTo: "production" }, other: {} });
    answer(run, "ship", HOLD);
    expect(isOnlyHeld(run.state)).toBe(false);
    run.complete("other", "success");
    expect(isOnlyHeld(run.state)).toBe(true);
    run.send({ type: "look_again" });
    expect(isOnlyHeld(run.state)).toBe(true);
    answer(run, "ship", GO);
    expect(isOnlyHeld(run.state)).toBe(false);
  });

  it("is found again in what was told", () => {
    const at = (time: number, event: object): never => ({ seq: 0, time, event }) as never;
    const events = [
      at(0, { type: "run.started", jobs: ["a", "b"] }),
      at(10, { type: "job.started", job: "a" }),
      at(20, { type: "job.held", job: "b" }),
      at(50, { type: "job.finished", job: "a" }),
      at(70, { type: "run.resumed" }),
      at(150, { type: "job.released", job: "b" }),
      at(150, { type: "job.started", job: "b" }),
      at(400, { type: "job.finished", job: "b" }),
    ];
    expect(heldMs(events)).toBe(100);
    expect(heldMs(events.slice(0, 5))).toBe(20);
  });
});
