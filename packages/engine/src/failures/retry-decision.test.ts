import { FAILURE_CATEGORIES, plainRetry, type RetryCondition, type RetryRule } from "@waybill/pipeline";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyFailure } from "./classify-failure.ts";
import { FAILURE_CAUSES, type Failure } from "./failure.ts";
import { decideRetry, RETRY_BUDGET_MS, RETRY_RULES, type RetryQuestion } from "./retry-decision.ts";

const CODE: Failure = { category: "permanent_code_issues", service: null, cause: "unknown" };
const NETWORK: Failure = { category: "transient_dependencies", service: null, cause: "connection_failed" };
const CONFIGURATION: Failure = { category: "configuration_errors", service: null, cause: "not_found" };
const TIME_OUT: Failure = { category: "permanent_code_issues", service: null, cause: "timed_out" };
const MEMORY: Failure = { category: "resource_exhaustion", service: null, cause: "out_of_memory" };
const DISK: Failure = { category: "resource_exhaustion", service: null, cause: "disk_full" };

function ask(question: Partial<RetryQuestion>): string {
  return decideRetry({
    rule: plainRetry(3),
    attempts: 1,
    failure: CODE,
    exitCode: 1,
    outOfMemoryCount: 0,
    sinceFirstFailureMs: null,
    runIsEnding: false,
    ...question,
  }).rule;
}

function when(...conditions: readonly RetryCondition[]): RetryRule {
  return { ...plainRetry(3), when: conditions };
}

describe("whether a failure is tried again", () => {
  it.each<[string, Partial<RetryQuestion>, string]>([
    ["any failure, by a plain count", {}, "any_failure"],
    ["the last attempt", { attempts: 4 }, "attempts_used"],
    ["the last but one", { attempts: 3 }, "any_failure"],
    ["where nobody asks for it", { rule: plainRetry(0) }, "no_retries"],
    ["where 0 attempts are given to a condition", { rule: { ...when("timeout"), max: 0 } }, "no_retries"],
    ["in a run that ends", { runIsEnding: true }, "run_ending"],
    ["configuration, by a plain count", { failure: CONFIGURATION, exitCode: 127 }, "configuration"],
    ["a time-out, by a plain count", { failure: TIME_OUT, exitCode: 143 }, "timed_out"],
    ["a named category", { rule: when("transient_dependencies"), failure: NETWORK }, "named"],
    ["another category", { rule: when("transient_dependencies") }, "not_named"],
    ["a named code", { rule: when({ from: 75, to: 75 }), exitCode: 75 }, "named"],
    ["a code in a range", { rule: when({ from: 100, to: 120 }), exitCode: 120 }, "named"],
    ["a code beyond a range", { rule: when({ from: 100, to: 120 }), exitCode: 121 }, "not_named"],
    ["no code", { rule: when({ from: 1, to: 255 }), exitCode: null }, "not_named"],
    ["configuration, where it is named", { rule: when("configuration_errors"), failure: CONFIGURATION }, "named"],
    ["127, where it is named", { rule: when({ from: 127, to: 127 }), failure: CONFIGURATION, exitCode: 127 }, "named"],
    ["a time-out, where it is named", { rule: when("timeout"), failure: TIME_OUT }, "named"],
    [
      "a time-out by its exit code",
      { rule: when({ from: 143, to: 143 }), failure: TIME_OUT, exitCode: 143 },
      "not_named",
    ],
    ["a time-out by its category", { rule: when("permanent_code_issues"), failure: TIME_OUT }, "not_named"],
    ["the first lack of memory", { failure: MEMORY, outOfMemoryCount: 1 }, "any_failure"],
    ["the second", { failure: MEMORY, outOfMemoryCount: 2, attempts: 2 }, "out_of_memory"],
    [
      "the second, named by its code",
      { rule: when({ from: 137, to: 137 }), exitCode: 137, failure: MEMORY, outOfMemoryCount: 2 },
      "out_of_memory",
    ],
    ["the second, named", { rule: when("resource_exhaustion"), failure: MEMORY, outOfMemoryCount: 2 }, "named"],
    ["a full disk behind a lack of memory", { failure: DISK, outOfMemoryCount: 2 }, "any_failure"],
    ["just within the budget", { sinceFirstFailureMs: RETRY_BUDGET_MS - 1 }, "any_failure"],
    ["when the budget is used", { sinceFirstFailureMs: RETRY_BUDGET_MS }, "budget_used"],
  ])("%s", (_name, question, rule) => {
    expect(ask(question)).toBe(rule);
  });

  // The matrix of the requirements, with delays of 1 s, 2 s and 4 s as in the tests of the back-off.
  it.each([
    ["transient network", 1, "Could not resolve host: example.com", 1, "named"],
    ["transient network", 1, "Could not resolve host: example.com", 2, "named"],
    ["transient network", 1, "Could not resolve host: example.com", 3, "named"],
    ["configuration", 127, "sh: nope: not found", 1, "not_named"],
    ["permission denied", 126, "sh: ./x: Permission denied", 1, "not_named"],
    ["max reached", 1, "Could not resolve host: example.com", 5, "attempts_used"],
  ])("%s, exit code %s, attempt %#", (_name, exitCode, line, attempts, expected) => {
    const failure = classifyFailure({ exitCode, signal: null, timedOut: false, outOfMemory: false, lines: [line] });
    const rule = when("transient_infrastructure", "transient_dependencies", "resource_exhaustion");
    expect(ask({ rule: { ...rule, max: 4 }, attempts, failure, exitCode })).toBe(expected);
  });

  it("never gives more attempts than asked for, none behind the budget, and says why", () => {
    const condition = fc.oneof(
      fc.constantFrom<RetryCondition[]>("timeout", ...FAILURE_CATEGORIES),
      fc.integer({ min: 1, max: 255 }).map((code) => ({ from: code, to: 255 })),
    );
    const questions = fc.record({
      rule: fc.record({
        max: fc.nat(10),
        when: fc.option(fc.array(condition, { minLength: 1, maxLength: 3 })),
        backoff: fc.constant(plainRetry(0).backoff),
      }),
      attempts: fc.integer({ min: 1, max: 12 }),
      failure: fc.record({
        category: fc.constantFrom(...FAILURE_CATEGORIES),
        service: fc.constant(null),
        cause: fc.constantFrom(...FAILURE_CAUSES),
      }),
      exitCode: fc.option(fc.integer({ min: 1, max: 255 })),
      outOfMemoryCount: fc.nat(3),
      sinceFirstFailureMs: fc.option(fc.nat(2 * RETRY_BUDGET_MS)),
      runIsEnding: fc.boolean(),
    });
    fc.assert(
      fc.property(questions, (question) => {
        const { again, rule } = decideRetry(question);
        expect(RETRY_RULES).toContain(rule);
        if (!again) return;
        expect(question.attempts).toBeLessThanOrEqual(question.rule.max);
        expect(question.sinceFirstFailureMs ?? 0).toBeLessThan(RETRY_BUDGET_MS);
        expect(question.runIsEnding).toBe(false);
        if (question.failure.cause === "timed_out") expect(question.rule.when).toContain("timeout");
        if (question.rule.when === null) expect(question.failure.category).not.toBe("configuration_errors");
      }),
    );
  });
});
