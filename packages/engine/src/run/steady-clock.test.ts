import { ManualClock } from "@waybill/core/testing";
import { expect, test } from "vitest";
import { SteadyClock } from "./steady-clock.ts";

const HOUR_MS = 3_600_000;

test("a clock that is set back does not take the run back, and its time goes on", () => {
  const clock = new ManualClock(5 * HOUR_MS);
  const steady = new SteadyClock(clock, 0);
  expect(steady.now()).toBe(5 * HOUR_MS);
  clock.jump(-2 * HOUR_MS);
  expect(steady.now()).toBe(5 * HOUR_MS);
  clock.advance(250);
  expect(steady.now()).toBe(5 * HOUR_MS + 250);
});

test("a clock that is set forward is followed", () => {
  const clock = new ManualClock(0);
  const steady = new SteadyClock(clock, 0);
  clock.jump(HOUR_MS);
  expect(steady.now()).toBe(HOUR_MS);
  clock.advance(10);
  clock.jump(-HOUR_MS);
  clock.advance(10);
  expect(steady.now()).toBe(HOUR_MS + 20);
});

test("a run that is taken up begins where it stood, whatever the clock says now", () => {
  const clock = new ManualClock(HOUR_MS);
  const steady = new SteadyClock(clock, 3 * HOUR_MS);
  expect(steady.now()).toBe(3 * HOUR_MS);
  steady.notBefore(4 * HOUR_MS);
  clock.advance(1);
  expect(steady.now()).toBe(4 * HOUR_MS + 1);
  steady.notBefore(0);
  expect(steady.now()).toBe(4 * HOUR_MS + 1);
});
