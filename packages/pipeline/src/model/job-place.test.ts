import { expect, test } from "vitest";
import { parseMemory } from "./job-place.ts";

test.each([
  ["512m", 512 * 1024 ** 2],
  ["1.5g", 1.5 * 1024 ** 3],
  ["2 GiB", 2 * 1024 ** 3],
  ["8192KB", 8 * 1024 ** 2],
  ["1t", 1024 ** 4],
])("%s is %d bytes", (text, bytes) => {
  expect(parseMemory(text)).toBe(bytes);
});

test.each(["", "512", "5m", "-1g", "1e3m", "9999999t", "1g2", "g", "1.g", "1..5g", "0x10m"])(
  "%j is no amount of memory",
  (text) => {
    expect(parseMemory(text)).toBeNull();
  },
);
