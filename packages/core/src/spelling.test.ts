import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { suggestNames } from "./spelling.ts";

describe("suggestNames", () => {
  test.each([
    ["a missing letter", "buld", ["build", "test"], ["build"]],
    ["a swapped pair of letters", "biuld", ["test", "build"], ["build"]],
    ["another case", "BUILD", ["test", "build"], ["build"]],
    ["an underscore for a hyphen", "unit_tests", ["unit-tests", "lint"], ["unit-tests"]],
    ["a short name", "tst", ["lint", "test"], ["test"]],
  ])("finds the name behind %s", (_case, name, known, expected) => {
    expect(suggestNames(name, known)).toEqual(expected);
  });

  test("suggests nothing when nothing is close", () => {
    expect(suggestNames("deploy", ["build", "test", "lint"])).toEqual([]);
  });

  test("does not take one letter for another", () => {
    expect(suggestNames("a", ["b", "c"])).toEqual([]);
  });

  test("puts the closest first, then keeps the order of the known names", () => {
    expect(suggestNames("build-app", ["build-cap", "build-api", "build-apps", "build-ap"])).toEqual([
      "build-api",
      "build-apps",
      "build-ap",
    ]);
  });

  test("never suggests the name itself", () => {
    expect(suggestNames("build", ["build", "built"])).toEqual(["built"]);
  });

  test("suggests a repeated name once", () => {
    expect(suggestNames("buld", ["build", "build"])).toEqual(["build"]);
  });

  test("does not compare names nobody can have misspelt", () => {
    const long = "x".repeat(1_000_000);
    expect(suggestNames(long, [`${long}y`])).toEqual([]);
    expect(suggestNames("build", [long, "built"])).toEqual(["built"]);
  });

  test("stops after 10,000 candidates, even of an endless list", () => {
    function* endless(): Generator<string> {
      for (let number = 0; ; number += 1) yield `job-${number}`;
    }
    expect(suggestNames("job-x", endless())).toEqual(["job-0", "job-1", "job-2"]);
  });

  test("whatever the names, gives at most three of the known ones", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (name, known) => {
        const suggestions = suggestNames(name, known);
        expect(suggestions.length).toBeLessThanOrEqual(3);
        for (const suggestion of suggestions) {
          expect(known).toContain(suggestion);
          expect(suggestion).not.toBe(name);
        }
      }),
    );
  });
});
