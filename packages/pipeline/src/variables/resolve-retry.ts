import { BACKOFF_RANGES, RETRY_RANGE } from "../model/ranges.ts";
import { DEFAULT_BACKOFF, type RetryRule } from "../model/retry-rule.ts";
import type { RetryTemplate } from "../model/template.ts";
import type { EnvironmentScope } from "./environment-scope.ts";
import type { FieldResolver } from "./fields.ts";

/** A pause that was asked for is not cut by a default: the longest one is at least the first. */
export function resolveRetry(template: RetryTemplate, fields: FieldResolver, scope: EnvironmentScope): RetryRule {
  const { when, factor, jitter } = template;
  const delay = fields.integer(template.delay, "delay", BACKOFF_RANGES.delay, DEFAULT_BACKOFF.delay, scope);
  const longest = Math.max(delay, DEFAULT_BACKOFF.maxDelay);
  const maxDelay = fields.integer(template.maxDelay, "max_delay", BACKOFF_RANGES.maxDelay, longest, scope);
  return {
    max: fields.integer(template.max, "max", RETRY_RANGE, 0, scope),
    when,
    backoff: { delay, factor, maxDelay, jitter },
  };
}
