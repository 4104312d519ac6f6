import fc from "fast-check";
import { expect, test } from "vitest";
import { WaybillError } from "@waybill/core";
import { DEFAULT_POLICIES, policyFor } from "./policy.ts";
import { parseRetentionRules } from "./retention-rules.ts";

test("an empty file changes nothing", () => {
  expect(parseRetentionRules("", "r.yaml")).toEqual({ maxStorageGb: null, policies: DEFAULT_POLICIES });
});

test("policies replace the shipped ones, and the highest priority that matches decides", () => {
  const { policies, maxStorageGb } = parseRetentionRules(
    `
max_total_size: 512MB
policies:
  - { name: audits, pattern: audit-.*, max_age_days: 3650, priority: 10 }
  - { name: rest, pattern: .*, max_age_days: 14, grace_period_hours: 1 }
`,
    "r.yaml",
  );
  expect(maxStorageGb).toBe(0.5);
  expect(policyFor(policies, "audit-2026")).toMatchObject({ policy_name: "audits", grace_period_hours: 72 });
  expect(policyFor(policies, "app")).toMatchObject({ policy_name: "rest", max_age_days: 14, enabled: true });
});

test.each([
  ["a list", "- a", "it must be"],
  ["half YAML", "policies: [", "it is no YAML"],
  ["an unknown key", "max_size: 1GB", "there is no max_size"],
  ["a size without unit", "max_total_size: '100'", "max_total_size: it must be a size such as"],
  ["a pattern that is none", "policies: [{name: a, pattern: '(', max_age_days: 1}]", "policies.0.pattern"],
  ["an age below zero", "policies: [{name: a, pattern: a, max_age_days: -1}]", "policies.0.max_age_days: it must be a"],
  ["an alias", "policies: &a [*a]", "it is no YAML"],
])("%s is refused with its place", (_what, text, problem) => {
  expect(() => parseRetentionRules(text, "r.yaml")).toThrow(
    expect.objectContaining({ code: "ARTIFACT_RULES_INVALID", message: expect.stringContaining(problem) }),
  );
});

test("any text gives rules or a coded error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      try {
        parseRetentionRules(text, "r.yaml");
      } catch (error) {
        expect(error).toBeInstanceOf(WaybillError);
      }
    }),
  );
});
