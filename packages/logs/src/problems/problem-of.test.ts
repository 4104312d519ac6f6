import { describe, expect, it } from "vitest";
import { problemOf } from "./problem-of.ts";
import { PROBLEM_RULES } from "./problem-rules.ts";

describe("problemOf", () => {
  it.each(PROBLEM_RULES.flatMap(({ id, examples }) => examples.map((example) => [id, example] as const)))(
    "%s: %s",
    (id, example) => {
      expect(problemOf(example)?.id).toBe(id);
      expect(problemOf(`\u001b[31;1m${example}\u001b[0m`)?.id).toBe(id);
    },
  );

  it.each([
    "",
    "0 errors, 0 warnings",
    "Tests: 0 failed, 12 passed",
    "gcc -Werror -o app main.c",
    "adding src/error-page.tsx",
    "handles errors and failures well",
    "terrorists: errorless",
    "test result: ok. 3 passed; 0 failed",
    "Downloading warning-sign.svg",
  ])("sees nothing in: %s", (line) => {
    expect(problemOf(line)).toBeNull();
  });

  it("takes linear time of whatever is printed", () => {
    for (const part of [
      "error ",
      "1:1  error",
      "a:",
      "FAIL",
      " ",
      "\u001b[",
      "2024-01-01 ",
      "x.Error",
      "1 failed",
      "=error",
    ]) {
      const line = part.repeat(1_000_000 / part.length);
      const start = performance.now();
      for (let n = 0; n < 20; n += 1) problemOf(line);
      expect(performance.now() - start).toBeLessThan(500);
    }
  });
});
