import { ManualClock } from "@waybill/core/testing";
import { expect, test } from "vitest";
import { RateLimits } from "./rate-limits.ts";

test("a caller has so many requests at once, and gets them back over a minute", () => {
  const clock = new ManualClock();
  const limits = new RateLimits(clock, 6);
  const take = (count: number): boolean[] => Array.from({ length: count }, () => limits.take("a").isAllowed);
  expect(limits.take("a")).toEqual({ isAllowed: true, limit: 6, remaining: 5, resetSeconds: 10, retrySeconds: 0 });
  expect(take(6)).toEqual([true, true, true, true, true, false]);
  expect(limits.take("a")).toMatchObject({ isAllowed: false, remaining: 0, resetSeconds: 60, retrySeconds: 10 });
  expect(limits.take("b").isAllowed).toBe(true);
  clock.advance(9_999);
  expect(limits.take("a")).toMatchObject({ isAllowed: false, retrySeconds: 1 });
  clock.advance(1);
  expect(take(2)).toEqual([true, false]);
  clock.advance(24 * 60 * 60_000);
  expect(take(7)).toEqual([true, true, true, true, true, true, false]);
});

test("so many callers are remembered, those that asked last", () => {
  const limits = new RateLimits(new ManualClock(), 1);
  limits.take("first");
  limits.take("second");
  expect(limits.take("first").isAllowed).toBe(false);
  for (let n = 0; n < 9_999; n += 1) limits.take(`other ${n}`);
  expect(limits.take("first").isAllowed).toBe(false);
  expect(limits.take("second").isAllowed).toBe(true);
});
