import { expect, test } from "vitest";
import type { TriggerRule } from "../../api/generated/operations.ts";
import { triggerText } from "./trigger-text.ts";

const ANY: TriggerRule = { events: ["push"], branches: null, tags: null, paths: null, actions: null, forks: null };

test("a trigger says what it asks for", () => {
  expect(triggerText(ANY)).toBe("on any branch");
  expect(triggerText({ ...ANY, branches: ["main", "!old"], paths: ["src/**"] })).toBe(
    "on main, !old, where src/** changed",
  );
  expect(triggerText({ ...ANY, events: ["tag"], tags: ["v*"] })).toBe("named v*");
  expect(triggerText({ ...ANY, events: ["pull_request"], forks: true, actions: ["opened"] })).toBe(
    "on any branch, when opened, from forks",
  );
  expect(triggerText({ ...ANY, events: ["webhook"] })).toBe("always");
});
