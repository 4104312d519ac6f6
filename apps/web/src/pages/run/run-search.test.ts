import { expect, test } from "vitest";
import { findOf, linesOf, runSearch, searchOf } from "./run-search.ts";

test("of an address only what is known is taken", () => {
  const all = { job: "test", view: "timeline", tab: "why", line: "3-9", find: "x", by: "cr" };
  expect(runSearch(all)).toEqual(all);
  expect(runSearch({ view: "else", tab: "log", line: "3;", find: "", by: "z", other: "y" })).toEqual({});
});

test("lines are counted from 1 in addresses", () => {
  expect(linesOf("12")).toEqual([11, 11]);
  expect(linesOf("20-12")).toEqual([11, 19]);
  expect(linesOf("0")).toEqual([0, 0]);
  expect(linesOf(undefined)).toBeNull();
});

test("what is looked for goes into an address and comes back", () => {
  const find = { text: "a b", isExact: true, isRegex: false };
  expect(findOf(searchOf(find) as { find: string; by: string })).toEqual(find);
  expect(searchOf({ text: "", isExact: false, isRegex: false })).toEqual({ find: undefined, by: undefined });
});
