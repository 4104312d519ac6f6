import { WaybillError } from "@waybill/core";
import { parse } from "yaml";
import * as z from "zod/mini";
import { DEFAULT_POLICIES, type RetentionPolicy } from "./policy.ts";

/** What an installation says about how long artifacts are kept, and how much space they may take. */
export interface RetentionRules {
  /** Null: as without the file. */
  readonly maxStorageGb: number | null;
  readonly policies: readonly RetentionPolicy[];
}

export const DEFAULT_RULES: RetentionRules = { maxStorageGb: null, policies: DEFAULT_POLICIES };

/** A file of rules is small; a longer one is none. */
export const MAX_RULES_BYTES = 65_536;

const MAX_POLICIES = 100;
const GIBIBYTE = 1024 ** 3;
const UNITS = { KB: 1024, MB: 1024 ** 2, GB: GIBIBYTE, TB: 1024 ** 4 } as const;

const SIZE = "a size such as 500MB, 100GB or 2TB";
const size = z.string({ error: SIZE }).check(z.regex(/^\d{1,9}(?:\.\d{1,3})? ?[KMGT]i?B$/, { error: SIZE }));

function number(least: number, most: number): z.ZodMiniNumber<number> {
  const error = `a number, ${least} to ${most}`;
  return z.number({ error }).check(z.minimum(least, { error }), z.maximum(most, { error }));
}

const policy = z.strictObject({
  name: z.string({ error: "a name" }).check(z.regex(/^[\w.-]{1,64}$/, { error: "a name of letters, digits, . _ -" })),
  pattern: z
    .string({ error: "a regular expression" })
    .check(
      z.maxLength(200, { error: "at most 200 characters" }),
      z.refine(isExpression, { error: "a regular expression" }),
    ),
  max_age_days: number(0, 36_500),
  grace_period_hours: z.optional(number(0, 876_000)),
  size_threshold_gb: z.optional(number(0, 1_000_000)),
  priority: z.optional(number(-1_000_000, 1_000_000)),
  enabled: z.optional(z.boolean({ error: "true or false" })),
});

const rules = z.strictObject({
  max_total_size: z.optional(size),
  policies: z.optional(
    z
      .array(policy, { error: "a list of policies" })
      .check(z.maxLength(MAX_POLICIES, { error: "at most 100 policies" })),
  ),
});

/**
 * Reads a file of rules, YAML. What it does not name stays as it is without the file; `policies` replaces all of the
 * shipped ones, so that what decides can be read in one place.
 *
 * @param file its name, for messages
 * @throws WaybillError `ARTIFACT_RULES_INVALID`
 */
export function parseRetentionRules(text: string, file: string): RetentionRules {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 }) ?? {};
  } catch (cause) {
    throw new WaybillError("ARTIFACT_RULES_INVALID", { file, problem: "it is no YAML" }, { cause });
  }
  const parsed = z.safeParse(rules, value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.map(String).join(".") ?? "";
    const wanted =
      issue?.code === "unrecognized_keys" ? `there is no ${issue.keys.join(", ")}` : `it must be ${issue?.message}`;
    const problem = `${place === "" ? "" : `${place}: `}${wanted}`;
    throw new WaybillError("ARTIFACT_RULES_INVALID", { file, problem });
  }
  const { max_total_size, policies } = parsed.data;
  return {
    maxStorageGb: max_total_size === undefined ? null : gibibytesOf(max_total_size),
    policies: policies?.map(policyOf) ?? DEFAULT_POLICIES,
  };
}

function policyOf(given: z.infer<typeof policy>): RetentionPolicy {
  return {
    policy_name: given.name,
    artifact_pattern: given.pattern,
    max_age_days: given.max_age_days,
    grace_period_hours: given.grace_period_hours ?? 72,
    size_threshold_gb: given.size_threshold_gb ?? null,
    min_reference_count: 1,
    priority: given.priority ?? 1,
    enabled: given.enabled ?? true,
  };
}

function gibibytesOf(text: string): number {
  const unit = text.replace(/[\d. i]/g, "") as keyof typeof UNITS;
  return (Number.parseFloat(text) * UNITS[unit]) / GIBIBYTE;
}

function isExpression(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
