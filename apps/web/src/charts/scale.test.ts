import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countAxis, durationAxis, labelledColumns, stretchesOf } from "./scale.ts";

describe("the axis of a chart", () => {
  test.each([
    [0, [0, 1]],
    [3, [0, 1, 2, 3]],
    [7, [0, 2, 4, 6, 8]],
    [23, [0, 10, 20, 30]],
    [130, [0, 50, 100, 150]],
  ])("of counts up to %i", (largest, ticks) => expect(countAxis(largest).ticks).toEqual(ticks));

  test.each([
    [0.4, [0, 0.5, 1]],
    [7, [0, 2, 4, 6, 8]],
    [95, [0, 30, 60, 90, 120]],
    [4000, [0, 1800, 3600, 5400]],
  ])("of durations up to %d s", (largest, ticks) => expect(durationAxis(largest).ticks).toEqual(ticks));

  test("holds every value with few lines", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (largest) => {
        for (const { max, ticks } of [countAxis(largest), durationAxis(largest)]) {
          expect(max).toBeGreaterThanOrEqual(largest);
          expect(ticks.length).toBeLessThanOrEqual(5);
        }
      }),
    );
  });
});

test("a line has gaps where values are missing", () => {
  const [a, b, c] = [1, 2, 3].map((x) => ({ x, y: 0 }));
  expect(stretchesOf([null, a ?? null, null, null, b ?? null, c ?? null, null])).toEqual([[a], [b, c]]);
});

test("columns have names where there is room, the last one always", () => {
  expect([...labelledColumns(5, 500, 50)]).toEqual([0, 1, 2, 3, 4]);
  expect([...labelledColumns(30, 300, 50)]).toEqual([4, 9, 14, 19, 24, 29]);
});
