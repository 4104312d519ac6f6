import { describe, expect, test } from "vitest";
import {
  cherryPickedCommits,
  extractAllPRNumbers,
  extractPRNumber,
  isCherryPick,
  isForceOrRewrite,
  mergedBranch,
  snippet,
} from "./messages.ts";

describe("extract PR numbers", () => {
  test.each([
    ["Add feature (#42)", [42]],
    ["Merge pull request #7 from mona/feature\n\nTitle", [7]],
    ["title\n\nmerge pull request #8 from x", [8]],
    ["Release (#100) of (#90)", [100, 90]],
    ["Again (#5), (#5) and PR #5", [5]],
    ["See PR #3, pull request #4 and (#2)", [3, 4, 2]],
    ["Fixes #42", []],
    ["(#0) (#99999999999999999999)", []],
    ["", []],
    ["(#1", []],
    ["APR #3", []],
    ["'; drop table x;-- (#12)", [12]],
  ])("%j", (message, numbers) => {
    expect(extractAllPRNumbers(message)).toEqual(numbers);
    expect(extractPRNumber(message)).toBe(numbers[0] ?? null);
  });

  test("a message of a megabyte takes no time", () => {
    const startedAt = performance.now();
    extractAllPRNumbers(`${"(#".repeat(500_000)}1)`);
    isCherryPick("picked ".repeat(150_000));
    cherryPickedCommits("(cherry picked from commit ".repeat(40_000));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

test.each([
  ["cherry-pick abc", true],
  ["Cherry Pick: x", true],
  ["cherry_pick", true],
  ["(cherry picked from commit abc)", true],
  ["backport to 1.2", true],
  ["hand-picked from list", true],
  ["cherry-picked abc", false],
  ["cherrypick", false],
  ["Cherry-picking", false],
  ["Backported", false],
])("is cherry-pick: %s", (message, expected) => {
  expect(isCherryPick(message)).toBe(expected);
});

test.each([
  ["Force push of x", true],
  ["after REBASE", true],
  ["amended", true],
  ["amendment", true],
  ["a feature", false],
])("is force or rewrite: %s", (message, expected) => {
  expect(isForceOrRewrite(message)).toBe(expected);
});

test("trailers of picked commits are read", () => {
  const sha = "a".repeat(40);
  expect(cherryPickedCommits(`Fix\n\n(cherry picked from commit ${sha})\n(cherry picked from commit ${sha})`)).toEqual([
    sha,
  ]);
  expect(cherryPickedCommits("see (cherry picked from commit abcdef0)")).toEqual([]);
});

test("a merge by hand names its branch", () => {
  expect(mergedBranch("Merge branch 'feature/x' into main")).toBe("feature/x");
  expect(mergedBranch("Merge remote-tracking branch 'origin/x'")).toBe("x");
  expect(mergedBranch("About Merge branch 'x'")).toBeNull();
});

test("a snippet is cut by characters", () => {
  expect(snippet("\u{1f600}".repeat(150))).toBe("\u{1f600}".repeat(100));
  expect(snippet("short")).toBe("short");
});
