import { describe, expect, test } from "vitest";
import { checkEnvironment, mayUse, NO_RULES } from "./environment.ts";

describe("the refs that may use an environment", () => {
  test.each([
    [[], "refs/heads/anything", true],
    [[], "refs/pull/1/head", true],
    [["main"], "refs/heads/main", true],
    [["main"], "refs/heads/main2", false],
    [["main"], "refs/heads/feature/main", false],
    [["main"], "refs/tags/main", false],
    [["release/*"], "refs/heads/release/1.2", true],
    [["release/*"], "refs/heads/release/1/2", false],
    [["release/**"], "refs/heads/release/1/2", true],
    [["main", "hotfix-*"], "refs/heads/hotfix-3", true],
    [["refs/tags/v*"], "refs/tags/v1.0", true],
    [["refs/tags/v*"], "refs/heads/v1.0", false],
    [["*"], "refs/tags/v1.0", false],
    [["main"], "refs/pull/7/head", false],
  ] as const)("%j: %s", (branches, ref, may) => {
    expect(mayUse({ branches }, ref, false)).toBe(may);
  });

  test("a fork's branch is none of ours, whatever it is called", () => {
    expect(mayUse({ branches: ["main"] }, "refs/heads/main", true)).toBe(false);
    expect(mayUse({ branches: [] }, "refs/heads/main", true)).toBe(true);
  });
});

describe("rules that cannot be", () => {
  test.each([
    [{ name: "the moon" }, "characters other than"],
    [{ name: "" }, "is empty"],
    [{ description: "a\nb" }, "description"],
    [{ description: "x".repeat(501) }, "description"],
    [{ branches: [""] }, "no pattern"],
    [{ branches: ["a b"] }, "no pattern"],
    [{ branches: ["x".repeat(201)] }, "200 characters"],
    [{ branches: Array.from({ length: 51 }, () => "main") }, "50 patterns"],
    [{ requiredApprovals: -1 }, "0 to 10"],
    [{ requiredApprovals: 11 }, "0 to 10"],
    [{ requiredApprovals: 1.5 }, "0 to 10"],
    [{ approverIds: ["ann"] }, "asks for no approval"],
    [{ approverIds: ["ann", "ann"], requiredApprovals: 2 }, "fewer approvers"],
  ])("%j", (change, detail) => {
    const environment = { ...NO_RULES, name: "production", description: "", ...change };
    expect(() => checkEnvironment(environment)).toThrow(detail);
  });
});
