import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { derivedId } from "./derived-id.ts";
import { eventFromJson, eventToJson } from "./event-json.ts";
import { concurrencyOf } from "./event-variables.ts";
import { FORK_POLICIES, needsApproval } from "./fork-policy.ts";
import { isRefName, isSha, parseRef } from "./git-names.ts";
import { repositoryKey } from "./repository-address.ts";
import { manual, pullRequest, push, tag, webhook } from "./testing/events.ts";
import { gitRefOf, type TriggerEvent } from "./trigger-event.ts";

const cron: TriggerEvent = {
  kind: "cron",
  source: "waybill",
  repository: { name: "acme/shop", urls: ["https://git.test/acme/shop"] },
  actor: "",
  branch: "main",
  cron: "0 4 * * *",
  timezone: "UTC",
  dueAt: 1000,
};
const deletion: TriggerEvent = {
  kind: "deletion",
  source: "git",
  repository: { name: "acme/shop", urls: [] },
  actor: "",
  of: "tag",
  name: "v1",
};

const events: readonly TriggerEvent[] = [
  push(),
  push({ before: null }),
  tag(),
  pullRequest({ isFork: true, isFromMember: true }),
  manual({ branch: "main", inputs: { a: "x", b: true, c: 1 } }),
  webhook({ sha: "2".repeat(40), inputs: { a: "x" } }),
  cron,
  deletion,
];

describe("a stored event", () => {
  test.each(events.map((event) => [event.kind, event] as const))(
    "of the kind %s comes back as it was",
    (_kind, event) => {
      expect(eventFromJson(JSON.parse(JSON.stringify(eventToJson(event))))).toEqual(event);
    },
  );

  test("is read with what somebody keeps beside it", () => {
    expect(eventFromJson({ ...eventToJson(push()), reason: "the push fits" })).toEqual(push());
  });

  test.each([
    [null],
    [{}],
    [{ ...eventToJson(push()), kind: "merge" }],
    [{ ...eventToJson(push()), branch: "a..b" }],
    [{ ...eventToJson(push()), sha: "HEAD" }],
    [{ ...eventToJson(manual()), inputs: { a: {} } }],
  ])("that is damaged is refused: %#", (value) => {
    expect(() => eventFromJson(value)).toThrow(expect.objectContaining({ code: "TRIGGER_EVENT_UNREADABLE" }));
  });
});

test("an event is of a ref that git knows", () => {
  expect(events.map(gitRefOf)).toEqual([
    "refs/heads/main",
    "refs/heads/main",
    "refs/tags/v1.0",
    "refs/pull/12/head",
    "refs/heads/main",
    null,
    "refs/heads/main",
    "refs/tags/v1",
  ]);
});

describe("names of refs", () => {
  const part = fc.string({ unit: fc.constantFrom(..."aB1-_./@{}~^:?*[\\ \u007f\u0001é".split("")), maxLength: 8 });
  const special = fc.constantFrom("HEAD", "@", "a.lock", "a..b", "-a", "a/", "/a", "a//b", ".a", "a/.b", "a@{b", "a.");

  test("are only those that git takes", () => {
    const names = fc.sample(fc.oneof(part, special, fc.string({ maxLength: 10 })), 300);
    for (const name of new Set(names)) {
      if (!isRefName(name)) continue;
      // No option and no argument that git would not take: it fails otherwise.
      const printed = execFileSync("git", ["check-ref-format", "--branch", name], { encoding: "utf8" });
      expect(printed).toBe(`${name}\n`);
    }
  });

  test("are all that people use", () => {
    for (const name of ["main", "feature/one", "v1.0", "dependabot/npm_and_yarn/a-1.2", "fix#12", "größe", "a@b"]) {
      expect(isRefName(name)).toBe(true);
      expect(parseRef(`refs/heads/${name}`)).toEqual({ kind: "branch", name });
      expect(parseRef(`refs/tags/${name}`)).toEqual({ kind: "tag", name });
    }
    for (const ref of ["main", "refs/pull/1/head", "refs/heads/", "refs/heads/-a", "HEAD"]) {
      expect(parseRef(ref)).toBeNull();
    }
  });

  test("and ids of commits are whole", () => {
    expect(["a".repeat(40), "0".repeat(64)].every(isSha)).toBe(true);
    expect(["a".repeat(39), "A".repeat(40), "a".repeat(50), `${"a".repeat(40)}\n`, ""].some(isSha)).toBe(false);
  });
});

describe("addresses of repositories", () => {
  test.each([
    ["https://git.test/acme/shop.git"],
    ["https://user:token@git.test:8443/acme/shop/"],
    ["http://GIT.test/Acme/shop"],
    ["ssh://git@git.test:2222/acme/shop.git"],
    ["git@git.test:acme/shop.git"],
    ["git.test:/acme/shop"],
  ])("%s is the same as the others", (address) => {
    expect(repositoryKey(address)).toBe("git.test/acme/shop");
  });

  test.each([
    [""],
    ["/srv/git/shop.git"],
    ["file:///srv/git/shop"],
    ["https://git.test/"],
    ["javascript://alert(1)"],
    ["C:\\git"],
  ])("%s is none of a server", (address) => {
    expect(repositoryKey(address)).toBeNull();
  });
});

describe("pull requests from forks", () => {
  test("need an approval as the policy says, others never", () => {
    const outsider = pullRequest({ isFork: true });
    const member = pullRequest({ isFork: true, isFromMember: true });
    const asked = FORK_POLICIES.map((policy) => [needsApproval(outsider, policy), needsApproval(member, policy)]);
    expect(asked.map((pair) => pair.map(({ isNeeded }) => isNeeded))).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
    for (const policy of FORK_POLICIES) {
      for (const event of [push(), pullRequest(), manual()]) expect(needsApproval(event, policy).isNeeded).toBe(false);
    }
  });
});

describe("the group of a run", () => {
  function groupOf(group: string, event: TriggerEvent, cancelInProgress: boolean | string = false) {
    return concurrencyOf({ name: "webshop", concurrency: { group, cancelInProgress } }, event, { stage: "prod" });
  }

  test("is none where the pipeline names none", () => {
    expect(concurrencyOf({ name: "webshop", concurrency: null }, push())).toBeNull();
  });

  test("is made of the event, the inputs and the pipeline", () => {
    const group =
      "${pipeline.name} ${event.kind} ${event.branch}${event.tag} ${event.pull_request:-none} ${inputs.stage}";
    expect(groupOf(group, push())?.group).toBe("webshop push main none prod");
    expect(groupOf(group, tag())?.group).toBe("webshop tag v1.0 none prod");
    expect(groupOf(group, pullRequest())?.group).toBe("webshop pull_request feature/one 12 prod");
  });

  test("of a fork is its own, however it calls its branch", () => {
    const fork = pullRequest({ isFork: true, sourceBranch: "main" });
    expect(groupOf("deploy-${event.branch}", fork)?.group).toBe("fork 12: deploy-main");
    expect(groupOf("deploy-${event.branch}", push())?.group).toBe("deploy-main");
  });

  test("may be cancelled as the event says", () => {
    const rule = "${{ event.branch != 'main' }}";
    expect(groupOf("a", push(), rule)?.cancelInProgress).toBe(false);
    expect(groupOf("a", push({ branch: "dev" }), rule)?.cancelInProgress).toBe(true);
    expect(groupOf("a", push(), true)?.cancelInProgress).toBe(true);
  });

  test("that comes to nothing is an error", () => {
    for (const work of [
      () => groupOf("${event.tag}", push()),
      () => groupOf("a", push(), "${event.branch}"),
      () => groupOf("x".repeat(501), push()),
    ]) {
      expect(work).toThrow(expect.objectContaining({ code: "CONCURRENCY_INVALID" }));
    }
  });
});

test("an id that is derived is a UUID, the same for the same parts and no others", () => {
  expect(derivedId("tick", "a", "1")).toBe(derivedId("tick", "a", "1"));
  expect(derivedId("tick", "a", "1")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (left, right) => {
      fc.pre(JSON.stringify(left) !== JSON.stringify(right));
      // Lone surrogates are not told apart; ids are made of text that was stored.
      fc.pre([...left, ...right].every((text) => text.isWellFormed()));
      expect(derivedId(...left)).not.toBe(derivedId(...right));
    }),
  );
});
