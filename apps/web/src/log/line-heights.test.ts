import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineHeights } from "./line-heights.ts";

const ROW = 18;
const line = fc.nat(39);

test("lines stand where all those above them end, however they wrap, fold and are headed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(line, fc.integer({ min: 10, max: 90 }))),
      fc.array(line),
      fc.array(fc.tuple(line, fc.nat(9))),
      (wraps, heads, folds) => {
        const heights = new LineHeights(ROW);
        heights.setTotal(40);
        for (const [at, height] of wraps) heights.measured(at, height);
        heights.setHeads(heads, 26);
        heights.setFolds(folds.map(([first, more]) => ({ first, last: first + more })));
        let top = 0;
        for (let at = 0; at < 40; at += 1) {
          const isHidden = folds.some(([first, more]) => at >= first && at <= first + more);
          const wrapped = Math.max(ROW, wraps.findLast(([of]) => of === at)?.[1] ?? ROW);
          const height = (isHidden ? 0 : wrapped) + (heads.includes(at) ? 26 : 0);
          expect(heights.offsetOf(at)).toBe(top);
          expect(heights.heightOf(at)).toBe(height);
          if (height > 0) {
            expect(heights.lineAt(top)).toBe(at);
            expect(heights.lineAt(top + height - 1)).toBe(at);
            expect(heights.nextShown(at)).toBe(at);
          } else expect(heights.nextShown(at)).toBeGreaterThan(at);
          top += height;
        }
        expect(heights.height).toBe(top);
      },
    ),
  );
});

test("a million lines cost nothing by themselves", () => {
  const heights = new LineHeights(ROW);
  heights.setTotal(1_000_000);
  heights.measured(999_998, 54);
  expect(heights.height).toBe(18_000_036);
  expect(heights.lineAt(18_000_035)).toBe(999_999);
  expect(heights.lineAt(1e12)).toBe(999_999);
});
