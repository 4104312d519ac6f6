import { expect, test } from "vitest";
import { formatAge, formatBytes, formatDuration, shortRef } from "./format.ts";

test.each([
  [-5, "0ms"],
  [850, "850ms"],
  [4_260, "4.2s"],
  [59_999, "59s"],
  [92_000, "1m 32s"],
  [3_900_000, "1h 05m"],
  [187_200_000, "2d 4h"],
])("%d ms is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([
  [0, "now"],
  [-9_000, "now"],
  [12_000, "12s ago"],
  [300_000, "5m ago"],
  [10_800_000, "3h ago"],
  [172_800_000, "2d ago"],
])("%d ms ago is %s", (ms, text) => expect(formatAge(ms, 0)).toBe(text));

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_400, "1.4 kB"],
  [23_000_000, "23 MB"],
  [1.5e15, "1500 TB"],
])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  ["refs/heads/main", "main"],
  ["refs/tags/v1", "v1"],
  ["refs/pull/7/head", "#7"],
  ["refs/merge-requests/12/head", "#12"],
  ["refs/other/x", "refs/other/x"],
])("%s is shown as %s", (ref, text) => expect(shortRef(ref)).toBe(text));
