import { constantRandom } from "@waybill/core/testing";
import { DEFAULT_BACKOFF, type Backoff } from "@waybill/pipeline";
import fc from "fast-check";
import { expect, it } from "vitest";
import { retryDelayMs } from "./retry-delay.ts";

const EXACT: Backoff = { ...DEFAULT_BACKOFF, jitter: 0 };

it.each<[string, Backoff, readonly number[]]>([
  ["a plain retry_count", DEFAULT_BACKOFF, [1, 2, 4, 8, 16, 32, 64, 120, 120]],
  ["base 5 s", { ...EXACT, delay: 5 }, [5, 10, 20, 40, 80, 120, 120]],
  ["a network time-out", { ...EXACT, maxDelay: 32 }, [1, 2, 4, 8, 16]],
  ["a resource that is short", { ...EXACT, delay: 5, factor: 1.5, maxDelay: 17 }, [5, 7.5, 11.25]],
  ["a service that is down", { ...EXACT, delay: 10, maxDelay: 80 }, [10, 20, 40, 80]],
  ["a rate limit", { ...EXACT, delay: 60, factor: 1.2 }, [60, 72, 86.4, 103.68, 120, 120]],
  ["no pause", { ...EXACT, delay: 0 }, [0, 0, 0]],
  ["a cap below the first pause", { ...EXACT, delay: 30, maxDelay: 10 }, [10, 10]],
])("waits as its rule says: %s", (_name, backoff, seconds) => {
  const delays = seconds.map((_, index) => retryDelayMs(backoff, index + 1, constantRandom(0.5)));
  expect(delays).toEqual(seconds.map((each) => Math.round(each * 1000)));
});

it("spreads by a quarter either way and never passes the cap", () => {
  expect(retryDelayMs(DEFAULT_BACKOFF, 3, constantRandom(0))).toBe(3000);
  expect(retryDelayMs(DEFAULT_BACKOFF, 3, constantRandom(0.999_999_9))).toBe(5000);
  expect(retryDelayMs(DEFAULT_BACKOFF, 20, constantRandom(0.999_999_9))).toBe(120_000);
});

it("is never negative, never above its cap, and within its jitter of the pause without", () => {
  const backoffs = fc.record({
    delay: fc.nat(3600),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxDelay: fc.nat(3600),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(backoffs, fc.integer({ min: 1, max: 11 }), chance, (backoff, failed, random) => {
      const plain = retryDelayMs({ ...backoff, jitter: 0 }, failed, constantRandom(random));
      const delay = retryDelayMs(backoff, failed, constantRandom(random));
      expect(Number.isInteger(delay)).toBe(true);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(backoff.maxDelay * 1000);
      // Both are rounded to whole milliseconds: half of one each, and `jitter` times that of `plain` once more.
      expect(Math.abs(delay - plain)).toBeLessThanOrEqual(plain * backoff.jitter + 1.5);
    }),
  );
});
