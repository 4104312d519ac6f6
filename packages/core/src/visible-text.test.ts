import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clip, visible } from "./visible-text.ts";

test("a text shows the control characters and reordering marks it holds", () => {
  expect(visible("a\u001b[2J\u0007\tb\u009b\u202e\nc")).toBe("a\\x1b[2J\\x07    b\\x9b\\u202e\nc");
});

describe("clipping", () => {
  test("leaves a text that is short enough, and marks one that was longer", () => {
    expect([clip("abc", 3), clip("abcd", 3)]).toEqual(["abc", "ab…"]);
  });

  test("cuts no character in half, and never gives more than was asked for", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, length) => {
        const clipped = clip(text, length);
        expect(clipped.length).toBeLessThanOrEqual(length);
        expect(clipped.isWellFormed()).toBe(true);
      }),
    );
  });
});
