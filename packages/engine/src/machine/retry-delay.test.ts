import { constantRandom } from "@waybill/core/testing";
import { expect, it } from "vitest";
import { retryDelayMs } from "./retry-delay.ts";

it("doubles from 1 s up to 120 s", () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((failed) => retryDelayMs(failed, constantRandom(0.5)));
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000, 120_000]);
});

it("spreads by a quarter either way and never passes the cap", () => {
  expect(retryDelayMs(3, constantRandom(0))).toBe(3000);
  expect(retryDelayMs(3, constantRandom(0.999_999))).toBe(5000);
  expect(retryDelayMs(20, constantRandom(0.999_999))).toBe(120_000);
});
