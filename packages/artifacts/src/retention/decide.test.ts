import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideRetention, evictionOrder, type RetentionCandidate } from "./decide.ts";
import { DEFAULT_POLICIES, policyFor, type RetentionPolicy } from "./policy.ts";
import { cleanupIntervalHours, pressureLevel, type PressureLevel } from "./pressure.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const NOW = 1_000 * DAY;
const LEVELS: readonly PressureLevel[] = ["normal", "yellow", "orange", "red", "critical"];

interface Sketch {
  readonly name?: string;
  readonly names?: readonly string[];
  readonly days: number;
  readonly idleHours?: number;
  readonly references?: number;
  readonly gigabytes?: number;
}

function candidate({ name, names, days, idleHours, references, gigabytes }: Sketch): RetentionCandidate {
  return {
    names: names ?? [name ?? "app"],
    createdAt: NOW - days * DAY,
    lastAccessed: NOW - (idleHours ?? days * 24) * HOUR,
    references: references ?? 0,
    sizeBytes: (gigabytes ?? 0) * 1024 ** 3,
  };
}

describe("policies", () => {
  test.each([
    ["release-v1.2", "release_artifacts"],
    ["test-results", "test_artifacts"],
    ["my-test-results", "default_policy"],
    ["release-candidate", "default_policy"],
    ["", "default_policy"],
  ])("%j falls under %s", (name, expected) => {
    expect(policyFor(DEFAULT_POLICIES, name)?.policy_name).toBe(expected);
  });

  test("the highest priority alone decides, and one that is off does not count", () => {
    const [release, ...others] = DEFAULT_POLICIES as [RetentionPolicy, ...RetentionPolicy[]];
    expect(policyFor([...others, release], "release-v1")?.policy_name).toBe("release_artifacts");
    expect(policyFor([{ ...release, enabled: false }, ...others], "release-v1")?.policy_name).toBe("default_policy");
    expect(policyFor([release], "app")).toBeNull();
  });
});

describe("what goes, by age, access, name and level", () => {
  test.each<[Sketch, PressureLevel, "keep" | "delete"]>([
    [{ days: 30 }, "normal", "keep"],
    [{ days: 30.01 }, "normal", "delete"],
    [{ days: 31, idleHours: 72 }, "normal", "keep"],
    [{ days: 31, idleHours: 72.1 }, "normal", "delete"],
    [{ days: 22.5 }, "yellow", "keep"],
    [{ days: 22.6 }, "yellow", "delete"],
    [{ days: 22.6, idleHours: 54 }, "yellow", "keep"],
    [{ days: 15.1 }, "orange", "delete"],
    [{ days: 15.1, idleHours: 36 }, "orange", "keep"],
    [{ days: 6 }, "orange", "keep"],
    [{ days: 1, idleHours: 1 }, "red", "delete"],
    [{ days: 1, idleHours: 1 }, "critical", "delete"],
    [{ days: 1, references: 1 }, "critical", "keep"],
    [{ name: "test-unit", days: 6.9 }, "normal", "keep"],
    [{ name: "test-unit", days: 7.1, idleHours: 25 }, "normal", "delete"],
    [{ name: "test-unit", days: 5, idleHours: 100 }, "orange", "keep"],
    [{ name: "release-v1", days: 90 }, "normal", "keep"],
    [{ name: "release-v1", days: 91 }, "normal", "delete"],
    [{ name: "release-v1", days: 91, idleHours: 168 }, "normal", "keep"],
    [{ names: ["test-unit", "release-v1"], days: 40 }, "normal", "keep"],
    [{ names: [], days: 40 }, "normal", "delete"],
  ])("%j at %s: %s", (sketch, level, expected) => {
    expect(decideRetention(candidate(sketch), DEFAULT_POLICIES, level, NOW).decision).toBe(expected);
  });

  test.each<[Sketch, "keep" | "delete"]>([
    [{ days: 6.9 }, "keep"],
    [{ days: 10, idleHours: 72 }, "keep"],
    [{ days: 10, idleHours: 73 }, "delete"],
    [{ days: 10, idleHours: 200, references: 1 }, "keep"],
    [{ days: 40, idleHours: 167 }, "keep"],
    [{ days: 40, idleHours: 169 }, "delete"],
  ])("where no policy matches, the matrix decides: %j: %s", (sketch, expected) => {
    expect(decideRetention(candidate(sketch), [], "normal", NOW).decision).toBe(expected);
  });

  test("a policy with a size threshold keeps what is larger half as long", () => {
    const [release] = DEFAULT_POLICIES as [RetentionPolicy];
    const policies = [{ ...release, artifact_pattern: ".*", size_threshold_gb: 1 }];
    expect(decideRetention(candidate({ days: 46, gigabytes: 1 }), policies, "normal", NOW).decision).toBe("delete");
    expect(decideRetention(candidate({ days: 46, gigabytes: 0.9 }), policies, "normal", NOW).decision).toBe("keep");
  });

  test("says which policy decided, and why", () => {
    expect(decideRetention(candidate({ days: 31 }), DEFAULT_POLICIES, "normal", NOW)).toEqual({
      decision: "delete",
      policy: "default_policy",
      reason: "older than 30 days, not used for 72 hours",
    });
  });
});

const anyCandidate = fc
  .record({
    names: fc.array(fc.constantFrom("app", "test-x", "release-v1"), { maxLength: 3 }),
    days: fc.double({ min: 0, max: 200, noNaN: true }),
    idleHours: fc.double({ min: 0, max: 500, noNaN: true }),
    references: fc.nat(2),
    gigabytes: fc.double({ min: 0, max: 20, noNaN: true }),
  })
  .map(candidate);

test("a reference protects at every level, and nothing young goes below red", () => {
  fc.assert(
    fc.property(anyCandidate, fc.constantFrom(...LEVELS), (each, level) => {
      const { decision } = decideRetention(each, DEFAULT_POLICIES, level, NOW);
      if (each.references > 0) expect(decision).toBe("keep");
      else if (NOW - each.createdAt < 7 * DAY && level !== "red" && level !== "critical") expect(decision).toBe("keep");
    }),
  );
});

test("what goes at one level goes at every fuller one, and what is kept stays kept with more time or names", () => {
  fc.assert(
    fc.property(anyCandidate, fc.integer({ min: 0, max: 3 }), (each, index) => {
      const at = (level: number, of = each): string =>
        decideRetention(of, DEFAULT_POLICIES, LEVELS[level] as PressureLevel, NOW).decision;
      if (at(index) === "delete") expect(at(index + 1)).toBe("delete");
      if (at(index) === "keep") expect(at(index, { ...each, lastAccessed: NOW })).toBe("keep");
      if (at(index) === "keep" && each.names.length > 0) {
        expect(at(index, { ...each, names: [...each.names, "test-more"] })).toBe("keep");
      }
    }),
  );
});

test("the largest goes first, then the oldest; never what is young or referenced", () => {
  const large = candidate({ days: 10, gigabytes: 5 });
  const old = candidate({ days: 20, gigabytes: 1 });
  const newer = candidate({ days: 19, gigabytes: 1 });
  const young = candidate({ days: 6, gigabytes: 50 });
  const used = candidate({ days: 60, gigabytes: 50, references: 1 });
  expect(evictionOrder([newer, young, old, used, large], NOW)).toEqual([large, old, newer]);
});

test.each([
  [0, "normal", 4],
  [79.9, "normal", 4],
  [80, "yellow", 2],
  [90, "orange", 1],
  [95, "red", 0.5],
  [98, "critical", 0.25],
  [120, "critical", 0.25],
] as const)("%d %% used is %s, cleaned every %d hours", (percent, level, hours) => {
  expect(pressureLevel(percent)).toBe(level);
  expect(cleanupIntervalHours(level)).toBe(hours);
});
