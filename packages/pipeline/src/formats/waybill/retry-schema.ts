import * as z from "zod/mini";
import {
  DEFAULT_BACKOFF,
  EXIT_CODES_PATTERN,
  FAILURE_CATEGORIES,
  HIGHEST_EXIT_CODE,
  LOWEST_EXIT_CODE,
} from "../../model/retry-rule.ts";
import { BACKOFF_RANGES, RETRY_RANGE } from "../../model/ranges.ts";
import { field, listOf, numberWithin, wholeNumber } from "../field.ts";

const HELP = "pipeline-syntax.md#retries";

const CONDITION = `an exit code (${LOWEST_EXIT_CODE} to ${HIGHEST_EXIT_CODE}), a range such as "100-120", timeout or one of ${FAILURE_CATEGORIES.join(", ")}`;

function condition(): z.ZodMiniType {
  const code = z
    .int({ error: CONDITION })
    .check(z.minimum(LOWEST_EXIT_CODE, { error: CONDITION }), z.maximum(HIGHEST_EXIT_CODE, { error: CONDITION }));
  const codes = z.string({ error: CONDITION }).check(z.regex(EXIT_CODES_PATTERN, { error: CONDITION }));
  const words = z.enum([...FAILURE_CATEGORIES, "timeout"], { error: CONDITION });
  return z.union([code, words, codes], { error: CONDITION });
}

function backoff(): z.ZodMiniType {
  return field(
    z.strictObject(
      {
        delay: z.optional(
          field(wholeNumber(BACKOFF_RANGES.delay), {
            description: "Seconds before the second attempt.",
            type: "whole number, 0 to 3600",
            default: DEFAULT_BACKOFF.delay,
            examples: [10],
            help: HELP,
          }),
        ),
        factor: z.optional(
          field(numberWithin(BACKOFF_RANGES.factor), {
            description: "Each further pause is so many times as long as the one before.",
            type: "number, 1 to 10",
            default: DEFAULT_BACKOFF.factor,
            examples: [1.5],
            help: HELP,
          }),
        ),
        max_delay: z.optional(
          field(wholeNumber(BACKOFF_RANGES.maxDelay), {
            description:
              "Seconds that no pause is longer than. At least `delay`, where that is longer than the default.",
            type: "whole number, 0 to 3600",
            default: DEFAULT_BACKOFF.maxDelay,
            examples: [300],
            help: HELP,
          }),
        ),
        jitter: z.optional(
          field(numberWithin(BACKOFF_RANGES.jitter), {
            description:
              "Part of a pause by which it may be longer or shorter, so that jobs do not come back together.",
            type: "number, 0 to 1",
            default: DEFAULT_BACKOFF.jitter,
            examples: [0],
            help: HELP,
          }),
        ),
      },
      { error: "a map with delay, factor, max_delay and jitter" },
    ),
    {
      description: "The pauses before the attempts.",
      type: "map",
      help: HELP,
      keys: {
        owner: "backoff",
        familiar: { base: "delay", initial: "delay", multiplier: "factor", max: "max_delay", cap: "max_delay" },
      },
    },
  );
}

/** @param description - which attempts, and where they run */
export function retry(description: string): z.ZodMiniType {
  return field(
    z.strictObject(
      {
        max: field(wholeNumber(RETRY_RANGE), {
          description: "Attempts after the first.",
          type: "whole number, 0 to 10",
          examples: [3],
          help: HELP,
        }),
        when: z.optional(
          field(listOf(condition(), "a list of exit codes and categories"), {
            description:
              "The only failures that are tried again: exit codes, ranges of them, categories, `timeout`. Without it, all but configuration errors and time-outs.",
            type: "list of exit codes and categories",
            examples: [["transient_dependencies", 75, "100-120"]],
            help: HELP,
          }),
        ),
        backoff: z.optional(backoff()),
      },
      { error: "a map with max, when and backoff" },
    ),
    {
      description,
      type: "map",
      help: HELP,
      keys: {
        owner: "retry",
        familiar: {
          attempts: "max",
          count: "max",
          limit: "max",
          on: "when",
          if: "when",
          exit_codes: "when",
          delay: "backoff",
        },
      },
    },
  );
}
