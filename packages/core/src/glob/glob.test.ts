import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advance, isMatch, MAX_ALTERNATIVES, parseGlob, start } from "./glob.ts";

/** Whether the pattern names the path itself, not a directory above it. */
function matches(pattern: string, path: string): boolean {
  const tracks = parseGlob(pattern);
  if (tracks === null) throw new Error(`too many alternatives: ${pattern}`);
  const names = path.split("/");
  return tracks.some((track) =>
    isMatch(
      track,
      names.reduce((positions, name) => advance(track, positions, name), start(track)),
    ),
  );
}

describe("a pattern matches", () => {
  test.each([
    ["a/b", "a/b"],
    ["./a//b/", "a/b"],
    ["*", "a"],
    ["*", ".hidden"],
    ["*.js", "app.js"],
    ["*.js", ".js"],
    ["a*b*c", "a--b--b--c"],
    ["?", "🚚"],
    ["**", "a"],
    ["**", "a/b/c"],
    ["**/c", "c"],
    ["**/c", "a/b/c"],
    ["a/**/c", "a/c"],
    ["a/**/c", "a/b/b/c"],
    ["a/**", "a"],
    ["a/**", "a/b"],
    ["**/a/**/b", "x/a/y/a/z/b"],
    ["[a-c]x", "bx"],
    ["[!a-c]x", "dx"],
    ["[]]", "]"],
    ["[a-]", "-"],
    ["a[", "a["],
    ["{a,b}/c", "b/c"],
    ["*.{js,{c,m}js}", "x.mjs"],
    ["{a/b,c}", "a/b"],
    ["{a}", "{a}"],
    ["\\*", "*"],
    ["(a|b)+", "(a|b)+"],
  ])("%j the path %j", (pattern, path) => {
    expect(matches(pattern, path)).toBe(true);
  });
});

describe("a pattern does not match", () => {
  test.each([
    ["a", "a/b"],
    ["a/b", "a"],
    ["*", "a/b"],
    ["*.js", "a/app.js"],
    ["?", "ab"],
    ["?", ""],
    ["a?", "a"],
    ["a/**/c", "a/b"],
    ["a**", "a/b"],
    ["[a-c]", "d"],
    ["[!a-c]", "a"],
    ["\\*", "a"],
    ["{a,b}", "{a,b}"],
    ["(a|b)+", "ab"],
  ])("%j the path %j", (pattern, path) => {
    expect(matches(pattern, path)).toBe(false);
  });
});

test("names with wildcards agree with the regular expression they stand for", () => {
  const letter = fc.constantFrom("a", "b");
  const pattern = fc.array(fc.oneof(letter, fc.constantFrom("*", "?")), { minLength: 1, maxLength: 6 });
  const name = fc.array(letter, { maxLength: 8 });
  fc.assert(
    fc.property(pattern, name, (patternParts, nameParts) => {
      fc.pre(patternParts.join("") !== "**");
      const source = patternParts.map((part) => (part === "*" ? ".*" : part === "?" ? "." : part)).join("");
      expect(matches(patternParts.join(""), nameParts.join(""))).toBe(
        new RegExp(`^${source}$`).test(nameParts.join("")),
      );
    }),
    { numRuns: 1_000 },
  );
});

test("a pattern made to be slow is not", () => {
  // A backtracking matcher needs more steps for this than there are atoms in the universe.
  expect(matches(`${"*a".repeat(100)}*b`, "a".repeat(255))).toBe(false);
  expect(matches(`${"**/a/".repeat(100)}b`, "a/".repeat(500) + "a")).toBe(false);
});

test("braces that stand for too many patterns are not expanded", () => {
  expect(parseGlob("{a,b}".repeat(8))).toHaveLength(MAX_ALTERNATIVES);
  expect(parseGlob("{a,b}".repeat(9))).toBeNull();
  expect(parseGlob("{a,b}".repeat(10_000))).toBeNull();
});
