import { ManualClock } from "@waybill/core/testing";
import { expect, test } from "vitest";
import { formatBytes, transferProgress } from "./transfer-progress.ts";

test("a transfer is told of every two seconds, and a quick one not at all", () => {
  const clock = new ManualClock(1000);
  const told: unknown[] = [];
  const listener = transferProgress(clock, "keeping", (time, text) => told.push([time, text]));
  const mebibytes = (done: number): void =>
    listener({ artifact: "app", doneBytes: done * 1024 ** 2, totalBytes: 2048 * 1024 ** 2 });
  mebibytes(1);
  clock.advance(1999);
  mebibytes(300);
  expect(told).toEqual([]);
  clock.advance(1);
  mebibytes(512);
  clock.advance(1000);
  mebibytes(700);
  clock.advance(1000);
  mebibytes(1024);
  expect(told).toEqual([
    [3000, "keeping artifact app: 512 MiB of 2.0 GiB, 25 %"],
    [5000, "keeping artifact app: 1.0 GiB of 2.0 GiB, 50 %"],
  ]);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KiB"],
  [1536, "1.5 KiB"],
  [102_300, "99.9 KiB"],
  [102_400, "100 KiB"],
  [1_048_064, "1.0 MiB"],
  [5 * 1024 ** 4, "5.0 TiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
