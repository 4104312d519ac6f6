import { describe, expect, test } from "vitest";
import { lineMatcher } from "./grep.ts";

describe("--grep", () => {
  test("finds a pattern anywhere in a line", () => {
    const matches = lineMatcher("(?i)err(or)?\\b.*[0-9]{2}$");
    expect(["an ERROR in line 17", "err 99", "errors 17", "error 1"].map(matches)).toEqual([true, true, false, false]);
  });

  test("does not see colours", () => {
    expect(lineMatcher("^error: disk")("\u001b[31merror\u001b[0m: disk full")).toBe(true);
  });

  test.each(["(a+)+$", "(a|a)*b", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "a{0,500}a{0,500}b"])(
    "takes no longer for %s than for any other pattern",
    (pattern) => {
      const line = `${"a".repeat(60_000)}!`;
      const begin = performance.now();
      expect(lineMatcher(pattern)(line)).toBe(false);
      expect(performance.now() - begin).toBeLessThan(2000);
    },
  );

  test.each(["(", "[z-a]", "(?=a)b", "(a)\\1", "a{1000}{1000}", "x".repeat(1001)])("refuses %s", (pattern) => {
    expect(() => lineMatcher(pattern)).toThrow(expect.objectContaining({ code: "CLI_LOGS_PATTERN" }));
  });
});
