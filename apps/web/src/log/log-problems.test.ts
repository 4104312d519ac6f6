import { expect, test } from "vitest";
import { firstError, joined, lastLineOf, NO_PROBLEMS } from "./log-problems.ts";

const slice = { first_error: null, next_line: 0, total_lines: 0, is_complete: true };
const error = (line: number, step: number, level: "error" | "warning" = "error") => ({
  line,
  level,
  rule: "x",
  step,
  attempt: 1,
  text: `${level} ${line}`,
});

test("slices of a log are one log, and its failed step's last attempt is looked at first", () => {
  const first = { ...slice, items: [error(3, 0)], sections: [{ attempt: 1, step: 0, from_line: 0, lines: 5 }] };
  const second = {
    ...slice,
    items: [error(5, 0, "warning"), error(12, 1), error(21, 1), error(31, 2)],
    sections: [
      { attempt: 1, step: 0, from_line: 5, lines: 5 },
      { attempt: 1, step: 1, from_line: 10, lines: 10 },
      { attempt: 2, step: 1, from_line: 20, lines: 10 },
      { attempt: 1, step: 2, from_line: 30, lines: 5 },
    ],
  };
  const all = joined(joined(NO_PROBLEMS, first), second);
  expect(all.sections[0]).toEqual({ attempt: 1, step: 0, from_line: 0, lines: 10 });
  expect(firstError(all, 1)?.line).toBe(21);
  expect(firstError(all, 0)?.line).toBe(3);
  expect(firstError(all, null)?.line).toBe(31);
  expect(firstError(NO_PROBLEMS, 1)).toBeNull();
  expect(lastLineOf(all, 1)).toBe(29);
  expect(lastLineOf(NO_PROBLEMS, 1)).toBeNull();
});
