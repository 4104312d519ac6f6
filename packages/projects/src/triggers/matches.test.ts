import { anyOf, type TriggerCondition } from "@waybill/pipeline";
import { describe, expect, test } from "vitest";
import { matches, needsChangedPaths } from "./matches.ts";
import { manual, pullRequest, push, tag, webhook } from "./testing/events.ts";
import type { TriggerEvent } from "./trigger-event.ts";

function condition(fields: Partial<TriggerCondition>): TriggerCondition {
  return { ...anyOf("push", "tag", "pull_request", "webhook"), ...fields };
}

function isStarted(fields: Partial<TriggerCondition>, event: TriggerEvent, paths: readonly string[] | null = null) {
  return matches([condition(fields)], event, paths).isStarted;
}

const deletion: TriggerEvent = {
  kind: "deletion",
  source: "github",
  repository: { name: "acme/shop", urls: [] },
  actor: "mona",
  of: "branch",
  name: "main",
};

describe("without triggers", () => {
  test.each<[string, TriggerEvent, boolean]>([
    ["a push", push({ branch: "anything/at-all" }), true],
    ["a tag", tag(), false],
    ["a pull request of the repository, whose commits were pushed", pullRequest(), false],
    ["a pull request from a fork", pullRequest({ isFork: true }), true],
    ["a fork's pull request that is closed", pullRequest({ isFork: true, action: "closed" }), false],
    ["a signed webhook", webhook(), false],
    ["a person", manual(), true],
    ["the end of a branch", deletion, false],
  ])("%s starts it: %#", (_, event, expected) => {
    expect(matches([], event, []).isStarted).toBe(expected);
  });
});

describe("branches", () => {
  test.each([
    [["main"], "main", true],
    [["main"], "maintenance", false],
    [["release/*"], "release/1", true],
    [["release/*"], "release/1/2", false],
    [["release/**"], "release/1/2", true],
    [["*"], "feature/one", false],
    [["**"], "feature/one", true],
    [["**", "!wip/**"], "wip/a", false],
    [["**", "!wip/**", "wip/keep"], "wip/keep", true],
    [["!wip/**"], "main", true],
    [["!wip/**"], "wip/a", false],
    [["{main,dev}"], "dev", true],
    [[], "main", false],
  ])("%j and %s: %s", (branches, branch, expected) => {
    expect(isStarted({ branches }, push({ branch }))).toBe(expected);
    expect(isStarted({ branches }, pullRequest({ targetBranch: branch, sourceBranch: "other" }))).toBe(expected);
  });
});

describe("tags", () => {
  test("are matched by name", () => {
    expect(isStarted({ tags: ["v*"] }, tag())).toBe(true);
    expect(isStarted({ tags: ["v*", "!*-rc*"] }, tag({ tag: "v2-rc1" }))).toBe(false);
  });
});

describe("paths", () => {
  test.each([
    [["src/**"], ["src/a.ts"], true],
    [["src/**"], ["docs/a.md"], false],
    [["src/**"], [], false],
    [["!docs/**"], ["docs/a.md"], false],
    [["!docs/**"], ["docs/a.md", "src/a.ts"], true],
    [["**", "!**/*.md"], ["README.md", "docs/a/b.md"], false],
    [["src/**"], null, true],
  ])("%j with changes of %j: %s", (paths, changed, expected) => {
    expect(isStarted({ paths }, push(), changed)).toBe(expected);
    expect(isStarted({ paths }, pullRequest(), changed)).toBe(expected);
  });

  test("are only asked for where all the rest fits", () => {
    const conditions = [condition({ branches: ["main"], paths: ["src/**"] }), condition({ branches: ["dev"] })];
    expect(needsChangedPaths(conditions, push())).toBe(true);
    expect(needsChangedPaths(conditions, push({ branch: "dev" }))).toBe(false);
    expect(needsChangedPaths(conditions, tag())).toBe(false);
    expect(needsChangedPaths([], push())).toBe(false);
  });

  test("of a hundred thousand files and hostile patterns are matched soon", () => {
    const changed = Array.from({ length: 100_000 }, (_, index) => `${"a/".repeat(10)}${index}.txt`);
    const began = performance.now();
    expect(isStarted({ paths: [`${"**/a/".repeat(20)}*b*b*b*b`, "!z"] }, push(), changed)).toBe(false);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe("pull requests", () => {
  test("start runs for what brings commits, unless something else is asked for", () => {
    expect(
      ["opened", "updated", "reopened", "closed"].map((action) =>
        isStarted({}, pullRequest({ action: action as "closed" })),
      ),
    ).toEqual([true, true, true, false]);
    expect(isStarted({ actions: ["closed"] }, pullRequest({ action: "closed" }))).toBe(true);
    expect(isStarted({ actions: ["closed"] }, pullRequest())).toBe(false);
  });

  test("can be those of forks or those of the repository", () => {
    for (const isFork of [true, false]) {
      expect(isStarted({ forks: null }, pullRequest({ isFork }))).toBe(true);
      expect(isStarted({ forks: true }, pullRequest({ isFork }))).toBe(isFork);
      expect(isStarted({ forks: false }, pullRequest({ isFork }))).toBe(!isFork);
    }
  });
});

describe("the reason", () => {
  test.each<[readonly TriggerCondition[], TriggerEvent, readonly string[] | null, string]>([
    [[], push(), null, 'the push to "main" fits what holds without triggers'],
    [[anyOf("tag"), anyOf("push")], push(), null, 'the push to "main" fits trigger 2'],
    [
      [anyOf("tag"), condition({ branches: ["dev", "!old"] })],
      push(),
      null,
      'the push to "main" fits no trigger (trigger 1: it is for tag; trigger 2: the branch "main" is not among "dev", "!old")',
    ],
    [
      [condition({ paths: ["src/**"] })],
      push(),
      ["a.md"],
      'the push to "main" fits no trigger (trigger 1: none of the 1 changed path is among "src/**")',
    ],
    [
      [condition({ forks: false })],
      pullRequest({ isFork: true }),
      null,
      'pull request 12 into "main" from a fork fits no trigger (trigger 1: pull requests from forks are left out)',
    ],
    [[], manual(), null, '"mona" asked for it'],
    [[], manual({ actor: "" }), null, "Somebody asked for it"],
    [[], deletion, null, 'the branch "main" was deleted'],
  ])("%#", (conditions, event, paths, reason) => {
    expect(matches(conditions, event, paths).reason).toBe(reason);
  });

  test("does not repeat all of a long name", () => {
    expect(matches([], push({ branch: "x".repeat(255) }), null).reason.length).toBeLessThan(200);
  });
});
