import { expect, test } from "vitest";
import { isFiltered, runFilter } from "./run-filter.ts";

test("filters of an address are text, and what is none of theirs is left out", () => {
  expect(runFilter({ status: "failed", branch: 12, ref: "", trigger: true, other: "x", cursor: null })).toEqual({
    status: "failed",
    branch: "12",
    trigger: "true",
  });
  expect(runFilter({ status: "exploded", project: { a: 1 } })).toEqual({});
});

test("a later page of everything is no filter", () => {
  expect(isFiltered({ cursor: "x" })).toBe(false);
  expect(isFiltered({ cursor: "x", branch: "main" })).toBe(true);
});
