import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { branchMatches, byPrecedence, isFor, scopeText } from "./scope.ts";

describe("patterns of branches", () => {
  test.each([
    ["main", "main", true],
    ["main", "main2", false],
    ["main", "Main", false],
    ["release/*", "release/1.2", true],
    ["release/*", "release/1/2", false],
    ["release/*", "release/", true],
    ["release/**", "release/1/2", true],
    ["**", "any/thing", true],
    ["*", "any/thing", false],
    ["*", "", true],
    ["*-fix", "a-fix-fix", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-b-b-d", false],
    ["feature/*/x", "feature/a/x", true],
    ["feature/*/x", "feature/a/b/x", false],
    ["ma.n", "main", false],
    ["[main]", "m", false],
  ])("%s and %s", (pattern, branch, expected) => {
    expect(branchMatches(pattern, branch)).toBe(expected);
  });

  test("agree with regular expressions", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 8 }).map((parts) => parts.join(""));
    const patterns = fc
      .array(fc.constantFrom("a", "b", "/", "*", "**"), { maxLength: 8 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(patterns, letters, (pattern, branch) => {
        const source = pattern.replaceAll(/\*+/g, (stars) => (stars === "*" ? "[^/]*" : "[^]*"));
        expect(branchMatches(pattern, branch)).toBe(new RegExp(`^${source}$`).test(branch));
      }),
    );
  });

  test("take no long time for a hostile one", () => {
    const startedAt = performance.now();
    expect(branchMatches("a*".repeat(100), "a".repeat(20_000))).toBe(true);
    expect(branchMatches(`${"a*".repeat(100)}b`, "a".repeat(2000))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

test("a secret of an environment or a branch is for no job without", () => {
  const nowhere = { environment: null, branch: null };
  expect(isFor({ environment: "", branch: "" }, nowhere)).toBe(true);
  expect(isFor({ environment: "prod", branch: "" }, nowhere)).toBe(false);
  expect(isFor({ environment: "", branch: "**" }, nowhere)).toBe(false);
  expect(isFor({ environment: "prod", branch: "main" }, { environment: "prod", branch: "main" })).toBe(true);
  expect(isFor({ environment: "prod", branch: "main" }, { environment: "test", branch: "main" })).toBe(false);
});

test("the order in which secrets of a name are taken does not depend on how they come", () => {
  const expected = [
    { environment: "prod", branch: "release/1" },
    { environment: "prod", branch: "release/*" },
    { environment: "prod", branch: "**" },
    { environment: "prod", branch: "" },
    { environment: "", branch: "release/1" },
    { environment: "", branch: "release/*" },
    { environment: "", branch: "*/1" },
    { environment: "", branch: "*" },
    { environment: "", branch: "**" },
    { environment: "", branch: "" },
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(expected, { minLength: expected.length }), (scopes) => {
      expect(scopes.toSorted(byPrecedence)).toEqual(expected);
    }),
  );
});

test("a scope is told in words", () => {
  expect(scopeText({ environment: "", branch: "" })).toBe("whole project");
  expect(scopeText({ environment: "prod", branch: "main" })).toBe("environment prod, branch main");
});
