import { describe, expect, test } from "vitest";
import type { RetryRule } from "../../model/retry-rule.ts";
import { errorPlaces, jobWith, parse, stepWith } from "../../testing.ts";

function ruleOf(text: string): RetryRule | undefined {
  const { definition, errors } = parse(text);
  expect(errors).toEqual([]);
  return definition?.jobs.get("build")?.retry;
}

const DEFAULTS = { delay: 1, factor: 2, maxDelay: 120, jitter: 0.25 };

describe("retry", () => {
  test("of a job that says nothing is the pipeline's, and 0 is not nothing", () => {
    const policy = "retry_policy: {max_attempts: 3}\n";
    expect(ruleOf(policy + jobWith())).toEqual({ max: 2, when: null, backoff: DEFAULTS });
    expect(ruleOf(policy + jobWith("retry: {max: 0}"))?.max).toBe(0);
    expect(ruleOf(policy + jobWith("retry_count: 0"))?.max).toBe(0);
  });

  test("with only a number says what retry_count says", () => {
    expect(ruleOf(jobWith("retry: {max: 4}"))).toEqual(ruleOf(jobWith("retry_count: 4")));
  });

  test("names what is worth trying again, and the pauses", () => {
    const when = "when: [75, '100-120', 137-137, timeout, transient_dependencies]";
    const backoff = "backoff: {delay: 10, factor: 1.5, max_delay: 60, jitter: 0}";
    expect(ruleOf(jobWith(`retry: {max: 10, ${when}, ${backoff}}`))).toEqual({
      max: 10,
      when: [{ from: 75, to: 75 }, { from: 100, to: 120 }, { from: 137, to: 137 }, "timeout", "transient_dependencies"],
      backoff: { delay: 10, factor: 1.5, maxDelay: 60, jitter: 0 },
    });
  });

  test("of a step is read as that of a job", () => {
    const { definition, errors } = parse(stepWith("retry: {max: 2, when: [resource_exhaustion]}"));
    expect(errors).toEqual([]);
    expect(definition?.jobs.get("build")?.steps[0]?.retry).toEqual({
      max: 2,
      when: ["resource_exhaustion"],
      backoff: DEFAULTS,
    });
  });

  test("is not cut short by a default: a pause may be longer than the usual longest", () => {
    expect(ruleOf(jobWith("retry: {max: 1, backoff: {delay: 300}}"))?.backoff).toMatchObject({
      delay: 300,
      maxDelay: 300,
    });
    expect(ruleOf(jobWith("retry: {max: 1, backoff: {delay: 300, max_delay: 5}}"))?.backoff.maxDelay).toBe(5);
  });

  test("takes numbers by reference", () => {
    const text = jobWith("environment: {N: 3}", "retry: {max: '${N}', backoff: {delay: '${N}'}}");
    expect(ruleOf(text)).toMatchObject({ max: 3, backoff: { delay: 3 } });
    expect(parse(jobWith("environment: {N: 30}", "retry: {max: '${N}'}")).errors).toMatchObject([
      { code: "VARIABLE_OUT_OF_RANGE" },
    ]);
  });

  test.each([
    ["retry_count beside it", jobWith("retry_count: 1", "retry: {max: 1}"), "PIPELINE_RETRY_AND_RETRY_COUNT 5:5"],
    [
      "retry_count beside it in a step",
      stepWith("retry: {max: 1}", "retry_count: 1"),
      "PIPELINE_RETRY_AND_RETRY_COUNT 7:9",
    ],
    ["no number", jobWith("retry: {when: [1]}"), "PIPELINE_MISSING_FIELD 4:5"],
    ["too many attempts", jobWith("retry: {max: 11}"), "PIPELINE_OUT_OF_RANGE 4:18"],
    ["a plain number", jobWith("retry: 2"), "PIPELINE_WRONG_TYPE 4:12"],
    ["a word that is no category", jobWith("retry: {max: 1, when: [flaky]}"), "PIPELINE_WRONG_TYPE 4:28"],
    ["success as a failure", jobWith("retry: {max: 1, when: [0]}"), "PIPELINE_OUT_OF_RANGE 4:28"],
    ["an exit code too high", jobWith("retry: {max: 1, when: [256]}"), "PIPELINE_OUT_OF_RANGE 4:28"],
    ["a range backwards", jobWith("retry: {max: 1, when: [9-3]}"), "PIPELINE_EXIT_CODES_INVALID 4:28"],
    ["a range too high", jobWith("retry: {max: 1, when: [200-300]}"), "PIPELINE_EXIT_CODES_INVALID 4:28"],
    ["no condition at all", jobWith("retry: {max: 1, when: []}"), "PIPELINE_WRONG_TYPE 4:21"],
    ["a single condition", jobWith("retry: {max: 1, when: timeout}"), "PIPELINE_LIST_EXPECTED 4:27"],
    ["a factor below 1", jobWith("retry: {max: 1, backoff: {factor: 0.5}}"), "PIPELINE_OUT_OF_RANGE 4:39"],
    ["jitter above 1", jobWith("retry: {max: 1, backoff: {jitter: 2}}"), "PIPELINE_OUT_OF_RANGE 4:39"],
    ["an unknown key", jobWith("retry: {max: 1, on: [1]}"), "PIPELINE_UNKNOWN_KEY 4:21"],
  ])("refuses %s, at its place", (_, text, place) => {
    expect(errorPlaces(parse(text))).toEqual([place]);
  });

  test("says what a condition may be, and what a familiar name is called here", () => {
    const [unknown] = parse(jobWith("retry: {max: 1, when: [flaky]}")).errors;
    expect(unknown?.message).toContain("transient_dependencies");
    const [familiar] = parse(jobWith("retry: {max: 1, exit_codes: [1]}")).errors;
    expect(familiar?.suggestion).toContain('Did you mean "when"?');
  });
});
