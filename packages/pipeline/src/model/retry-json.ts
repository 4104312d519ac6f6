import * as z from "zod/mini";
import {
  isPlainRetry,
  parseCondition,
  plainRetry,
  writtenCondition,
  type RetryCondition,
  type RetryRule,
} from "./retry-rule.ts";

const countSchema = z.int().check(z.nonnegative());
const durationSchema = z.number().check(z.nonnegative());

const conditionSchema = z.custom<number | string>(
  (value) => parseCondition(value) !== null,
  "expected an exit code, a range of them, a category or timeout",
);

export const retrySchema = z.strictObject({
  max: countSchema,
  when: z.nullable(z.array(conditionSchema)),
  backoff: z.strictObject({
    delay: durationSchema,
    factor: z.number().check(z.positive()),
    max_delay: durationSchema,
    jitter: z.number().check(z.minimum(0), z.maximum(1)),
  }),
});

/** A rule in JSON. Field names are the wire's; as in a pipeline file. */
export type RetryJson = z.infer<typeof retrySchema>;

/** Rules as the fields of a job or step: the short form where it says all, which is also what older versions wrote. */
export const retryFields = { retry_count: z.optional(countSchema), retry: z.optional(retrySchema) };

export function retryToJson({ max, when, backoff }: RetryRule): RetryJson {
  const { delay, factor, maxDelay, jitter } = backoff;
  return {
    max,
    when: when === null ? null : when.map(writtenCondition),
    backoff: { delay, factor, max_delay: maxDelay, jitter },
  };
}

export function retryToFields(rule: RetryRule): { retry_count: number } | { retry: RetryJson } {
  return isPlainRetry(rule) ? { retry_count: rule.max } : { retry: retryToJson(rule) };
}

export function retryFromFields(fields: {
  readonly retry_count?: number | undefined;
  readonly retry?: RetryJson | undefined;
}): RetryRule {
  const { retry } = fields;
  if (retry === undefined) return plainRetry(fields.retry_count ?? 0);
  const { delay, factor, max_delay: maxDelay, jitter } = retry.backoff;
  return {
    max: retry.max,
    when: retry.when === null ? null : retry.when.map((written) => parseCondition(written) as RetryCondition),
    backoff: { delay, factor, maxDelay, jitter },
  };
}
