import { expect, test } from "vitest";
import { formatAge, formatDuration, plural } from "./duration.ts";

test.each([
  [-5, "0 ms"],
  [0, "0 ms"],
  [999, "999 ms"],
  [1000, "1.0 s"],
  [59_999, "59.9 s"],
  [60_000, "1 m 00 s"],
  [125_900, "2 m 05 s"],
  [3_599_999, "59 m 59 s"],
  [3_600_000, "1 h 00 m"],
  [90_061_000, "25 h 01 m"],
])("%d ms is shown as %s", (ms, shown) => {
  expect(formatDuration(ms)).toBe(shown);
});

test.each([
  [-1, "just now"],
  [59_999, "just now"],
  [60_000, "1 minute ago"],
  [7_200_000, "2 hours ago"],
  [172_800_000, "2 days ago"],
])("%d ms ago is shown as %s", (ms, shown) => {
  expect(formatAge(ms)).toBe(shown);
});

test("a noun has its plural except for one", () => {
  expect([plural(0, "job"), plural(1, "job"), plural(2, "job")]).toEqual(["0 jobs", "1 job", "2 jobs"]);
});
