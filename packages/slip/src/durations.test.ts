import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./durations.ts";

test.each([
  ["60m", 3_600_000],
  ["60s", 60_000],
  ["100ms", 100],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  [".5s", 500],
  ["+5m", 300_000],
  ["2us", 0.002],
  ["0", 0],
  ["0s", 0],
  ["60", null],
  ["", null],
  ["-5m", null],
  ["5 m", null],
  ["5d", null],
  ["m", null],
  ["1h30", null],
  ["99999999h", null],
])("%s", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each([
  [0, "0s"],
  [100, "100ms"],
  [90_000, "1m30s"],
  [3_600_000, "1h0m0s"],
])("%i ms", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
  expect(parseDuration(text)).toBe(milliseconds);
});
