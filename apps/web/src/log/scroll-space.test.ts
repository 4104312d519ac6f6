import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ScrollSpace } from "./scroll-space.ts";

const WINDOW = 700;

function spaceOf(total: number): ScrollSpace {
  const space = new ScrollSpace();
  space.resize(total, WINDOW);
  return space;
}

test("what a browser can scroll is scrolled by it", () => {
  const space = spaceOf(50_000);
  space.scrolled(31_234);
  expect([space.top, space.shift, space.height]).toEqual([31_234, 0, 50_000]);
});

test("every line of a higher one is reached, and both ends of the bar are the ends", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 8_000_001, max: 500_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (total, part) => {
        const space = spaceOf(total);
        const wanted = Math.round(part * (total - WINDOW));
        const y = space.moveTo(wanted);
        expect(space.top).toBeCloseTo(wanted, 3);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(space.height - WINDOW);
        space.scrolled(0);
        expect(space.top).toBe(0);
        space.scrolled(space.height - WINDOW);
        expect(space.top).toBe(total - WINDOW);
        expect(space.isAtEnd).toBe(true);
      },
    ),
  );
});

test("small steps are as long as they are, wherever, and the bar comes after them", () => {
  const space = spaceOf(90_000_000);
  space.scrolled(space.moveTo(45_000_000));
  for (let step = 0; step < 50; step += 1) space.scrolled(space.y + 100);
  expect(space.top).toBeCloseTo(45_005_000, 3);
  space.scrolled(space.settle());
  expect(space.top).toBeCloseTo(45_005_000, 3);
});
