import { expect, test } from "vitest";
import { keptUntil } from "./kept-until.ts";
import { DEFAULT_POLICIES } from "./policy.ts";

const DAY = 86_400_000;
const artifact = { names: ["app"], createdAt: 0, lastAccessed: 0, sizeBytes: 1, references: 0 };

test("an artifact is kept until the rules let it go, to the millisecond", () => {
  const found = keptUntil(artifact, DEFAULT_POLICIES, "normal", 1);
  expect(found).toMatchObject({ decision: "keep", until: 30 * DAY + 1 });
  const used = keptUntil({ ...artifact, lastAccessed: 40 * DAY }, DEFAULT_POLICIES, "normal", 41 * DAY);
  expect(used).toMatchObject({ decision: "keep", policy: "default_policy", until: 43 * DAY + 1 });
  expect(keptUntil(artifact, DEFAULT_POLICIES, "orange", 1).until).toBe(15 * DAY + 1);
  expect(keptUntil({ ...artifact, names: ["test-a"] }, DEFAULT_POLICIES, "normal", 1).until).toBe(7 * DAY + 1);
  expect(keptUntil(artifact, DEFAULT_POLICIES, "normal", 50 * DAY)).toMatchObject({
    decision: "delete",
    until: 50 * DAY,
  });
  expect(keptUntil({ ...artifact, references: 1 }, DEFAULT_POLICIES, "normal", 1).until).toBeNull();
});
