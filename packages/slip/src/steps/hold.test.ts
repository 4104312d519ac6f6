import { describe, expect, test } from "vitest";
import { sequentialIds } from "@waybill/core/testing";
import { SlipClient } from "../client.ts";
import type { WakeUps } from "../ports/wake-ups.ts";
import { Bench, settle } from "../testing/bench.ts";

const WAIT = { correlationId: "corr-a", prerequisites: ["dev_deploy"], holdTimeoutMs: 600_000, pollIntervalMs: 60_000 };

async function advance(bench: Bench, milliseconds: number): Promise<void> {
  await settle();
  for (let left = milliseconds; left > 0; left -= 50) {
    bench.clock.advance(Math.min(50, left));
    await settle();
  }
}

/** What it fails of, from now on: nobody may be waiting for it when it does. */
function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

async function benchWith(): Promise<Bench> {
  const bench = new Bench();
  await bench.push("a");
  bench.store.calls.length = 0;
  return bench;
}

describe("waiting for prerequisites", () => {
  test("nothing to wait for takes no look at the slip", async () => {
    const bench = await benchWith();
    await bench.client.waitForPrerequisites({ ...WAIT, prerequisites: ["", " "] });
    expect(bench.store.calls).toEqual([]);
  });

  test("is over at once where they are met", async () => {
    const bench = await benchWith();
    await bench.client.completeStep("corr-a", "dev_deploy");
    await bench.client.waitForPrerequisites(WAIT);
    expect(bench.clock.pendingDelays()).toEqual([]);
  });

  test("goes on within five seconds of the last one, whenever that is", async () => {
    for (const at of [100, 3_000, 60_000, 500_000]) {
      const bench = await benchWith();
      let isOver = false;
      const waiting = bench.client.waitForPrerequisites(WAIT).then(() => (isOver = true));
      await advance(bench, at);
      await bench.client.completeStep("corr-a", "dev_deploy");
      const completedAt = bench.clock.monotonic();
      while (!isOver) await advance(bench, 50);
      expect(bench.clock.monotonic() - completedAt).toBeLessThanOrEqual(5_000);
      await waiting;
    }
  });

  test("asks for no more than the version while nothing changes, and ever less often", async () => {
    const bench = await benchWith();
    const waiting = bench.client.waitForPrerequisites(WAIT);
    await settle();
    await advance(bench, 60_000);
    expect(bench.store.callsOf("load")).toHaveLength(1);
    const first = bench.store.callsOf("version").length;
    await advance(bench, 45_000);
    // Two hundred that wait so cost a store 45 queries a second.
    expect(bench.store.callsOf("version").length - first).toBeLessThanOrEqual(10);
    await bench.client.failStep("corr-a", "dev_deploy", "", "x");
    const failed = errorOf(waiting);
    await advance(bench, 5_000);
    expect(await failed).toMatchObject({ code: "SLIP_PREREQUISITES_FAILED", failed: ["dev_deploy"] });
  });

  test("a shorter interval is kept", async () => {
    const bench = await benchWith();
    const waiting = bench.client.waitForPrerequisites({ ...WAIT, pollIntervalMs: 100 });
    await advance(bench, 1_000);
    expect(bench.store.callsOf("version").length).toBeGreaterThanOrEqual(9);
    await bench.client.completeStep("corr-a", "dev_deploy");
    await advance(bench, 100);
    await waiting;
  });

  test("ends in time, and says what it waited for", async () => {
    const bench = await benchWith();
    const waiting = bench.client.waitForPrerequisites({ ...WAIT, holdTimeoutMs: 10_000 });
    const timedOut = errorOf(waiting);
    await advance(bench, 9_950);
    expect(bench.store.callsOf("load")).toHaveLength(1);
    await advance(bench, 50);
    expect(await timedOut).toMatchObject({
      code: "SLIP_HOLD_TIMED_OUT",
      message: "hold timeout exceeded after 10s, still waiting for: [dev_deploy]",
      waiting: ["dev_deploy"],
      timeoutMs: 10_000,
    });
    expect(bench.clock.pendingDelays()).toEqual([]);
  });

  test("what completes with the last moment still counts", async () => {
    const bench = await benchWith();
    const waiting = bench.client.waitForPrerequisites({ ...WAIT, holdTimeoutMs: 10_000 });
    await advance(bench, 9_950);
    await bench.client.completeStep("corr-a", "dev_deploy");
    await advance(bench, 50);
    await waiting;
  });

  test("ends before the first look, and in the middle, where it is cancelled", async () => {
    const bench = await benchWith();
    await expect(bench.client.waitForPrerequisites(WAIT, AbortSignal.abort())).rejects.toMatchObject({
      code: "SLIP_CANCELLED",
      message: "context cancelled while waiting for prerequisites",
    });
    const controller = new AbortController();
    const waiting = bench.client.waitForPrerequisites(WAIT, controller.signal);
    const cancelled = errorOf(waiting);
    await advance(bench, 1_000);
    controller.abort();
    expect(await cancelled).toMatchObject({ message: "context cancelled during wait" });
    expect(bench.clock.pendingDelays()).toEqual([]);
  });

  test.each(["abandoned", "cancelled"] as const)("ends where the slip is %s", async (status) => {
    const bench = await benchWith();
    const waiting = bench.client.waitForPrerequisites(WAIT);
    const superseded = errorOf(waiting);
    await advance(bench, 1_000);
    await bench.client.updateSlipStatus("corr-a", status);
    await advance(bench, 5_000);
    expect(await superseded).toMatchObject({ code: "SLIP_SUPERSEDED" });
  });

  test("goes on where the slip was promoted", async () => {
    const bench = await benchWith();
    const waiting = bench.client.waitForPrerequisites(WAIT);
    await bench.client.promoteSlip("corr-a", "corr-b");
    await advance(bench, 5_000);
    await bench.client.completeStep("corr-a", "dev_deploy");
    await advance(bench, 5_000);
    await waiting;
  });

  test("a store that fails ends it", async () => {
    const bench = await benchWith();
    const waiting = bench.client.waitForPrerequisites(WAIT);
    const failed = errorOf(waiting);
    bench.store.fail("version", new Error("gone"));
    await advance(bench, 5_000);
    expect(await failed).toMatchObject({ message: "failed to load slip: gone" });
    bench.store.fail("load", new Error("gone"));
    await expect(bench.client.waitForPrerequisites(WAIT)).rejects.toThrow("failed to load slip: gone");
  });
});

test("who is told of changes goes on at once, and otherwise asks once an interval", async () => {
  const listeners = new Set<() => void>();
  const wakeUps: WakeUps = {
    subscribe: (_, wake) => {
      listeners.add(wake);
      return () => listeners.delete(wake);
    },
  };
  const bench = await benchWith();
  const { store, clock } = bench;
  const client = new SlipClient({ store, clock, wakeUps, eventIds: sequentialIds("woken") });
  const waiting = client.waitForPrerequisites(WAIT);
  await advance(bench, 300_000);
  expect(store.callsOf("version").length).toBeLessThan(20);
  await client.completeStep("corr-a", "dev_deploy");
  for (const wake of listeners) wake();
  await waiting;
  expect(listeners.size).toBe(0);
});
