import { describe, expect, test } from "vitest";
import { anyOf, type TriggerCondition } from "../../model/trigger.ts";
import { errorPlaces, jobWith, parse } from "../../testing.ts";

function withTop(...lines: readonly string[]): string {
  return `${lines.join("\n")}\n${jobWith()}`;
}

function triggersOf(list: string): readonly TriggerCondition[] | undefined {
  const { definition, errors } = parse(withTop(`triggers: ${list}`));
  expect(errors).toEqual([]);
  return definition?.triggers;
}

function codesOf(text: string): string[] {
  return parse(text).errors.map(({ code }) => code);
}

describe("triggers", () => {
  test("are none where nothing is written", () => {
    expect(parse(jobWith()).definition).toMatchObject({ triggers: [], schedule: [], concurrency: null });
  });

  test("take one word or a list of them", () => {
    expect(triggersOf("[{event: push, branches: main}, {event: [tag, push]}]")).toEqual([
      { ...anyOf("push"), branches: ["main"] },
      anyOf("push", "tag"),
    ]);
  });

  test("take everything that is known of a pull request", () => {
    const fields = "{event: pull_request, branches: [main, '!old/**'], paths: src/**, actions: closed, forks: false}";
    expect(triggersOf(`[${fields}]`)).toEqual([
      {
        events: ["pull_request"],
        branches: ["main", "!old/**"],
        tags: null,
        paths: ["src/**"],
        actions: ["closed"],
        forks: false,
      },
    ]);
  });

  test("keep the characters of names that YAML reads as numbers", () => {
    expect(triggersOf('[{event: tag, tags: ["1.10"]}]')?.[0]?.tags).toEqual(["1.10"]);
    expect(codesOf(withTop("triggers: [{event: tag, tags: [1.10]}]"))).toEqual(["PIPELINE_WRONG_TYPE"]);
  });

  test.each([
    ["a field of another event", "[{event: tag, branches: main}]", "PIPELINE_TRIGGER_FIELD_UNUSED"],
    ["an unknown event", "[{event: merge}]", "PIPELINE_WRONG_TYPE"],
    ["no event", "[{branches: main}]", "PIPELINE_MISSING_FIELD"],
    ["an unknown key", "[{event: push, branch: main}]", "PIPELINE_UNKNOWN_KEY"],
    ["a pattern of nothing", "[{event: push, branches: '!'}]", "PIPELINE_PATTERN_INVALID"],
    ["a pattern from the root", "[{event: push, paths: /src}]", "PIPELINE_PATTERN_INVALID"],
    ["a pattern with a variable", "[{event: push, paths: '${DIR}/*'}]", "PIPELINE_PATTERN_INVALID"],
    ["a pattern that explodes", `[{event: push, paths: "${"{a,b}".repeat(9)}"}]`, "PIPELINE_PATTERN_INVALID"],
    ["too many patterns", `[{event: push, paths: [${"a, ".repeat(101)}]}]`, "PIPELINE_LIST_TOO_LONG"],
    ["too many triggers", `[${"{event: push}, ".repeat(101)}]`, "PIPELINE_LIST_TOO_LONG"],
    ["a map", "{event: push}", "PIPELINE_WRONG_TYPE"],
  ])("with %s are an error", (_, list, code) => {
    expect(codesOf(withTop(`triggers: ${list}`))).toEqual([code]);
  });

  test("are underlined where they are wrong", () => {
    const text = withTop("triggers:", "  - event: tag", "    branches: [main, '!']");
    expect(errorPlaces(parse(text))).toEqual(["PIPELINE_TRIGGER_FIELD_UNUSED 3:5", "PIPELINE_PATTERN_INVALID 3:22"]);
  });

  test("are what others call on, and when", () => {
    for (const key of ["on", "when"]) {
      expect(parse(withTop(`${key}: [{event: push}]`)).errors[0]?.suggestion).toContain('"triggers"');
    }
  });
});

describe("schedule", () => {
  test("has a time zone and a branch, both with a default", () => {
    const text = withTop(
      "schedule:",
      "  - cron: '30  4 * * 1-5'",
      "  - {cron: 0 0 1 jan *, timezone: Europe/Berlin, branch: main}",
    );
    expect(parse(text).definition?.schedule).toEqual([
      { cron: "30 4 * * 1-5", timezone: "UTC", branch: null },
      { cron: "0 0 1 jan *", timezone: "Europe/Berlin", branch: "main" },
    ]);
  });

  test.each([
    ["an impossible minute", "{cron: 60 4 * * *}", "PIPELINE_CRON_INVALID"],
    ["a field too few", "{cron: 4 * * *}", "PIPELINE_CRON_INVALID"],
    ["a word of some cron programs", "{cron: '@daily'}", "PIPELINE_CRON_INVALID"],
    ["a day that never comes", "{cron: '0 0 31 2,4 *'}", "PIPELINE_CRON_INVALID"],
    ["an unknown time zone", "{cron: 0 4 * * *, timezone: Berlin}", "PIPELINE_TIME_ZONE_UNKNOWN"],
    ["an offset for a time zone", "{cron: 0 4 * * *, timezone: '+02:00'}", "PIPELINE_TIME_ZONE_UNKNOWN"],
    ["an unknown key", "{cron: 0 4 * * *, tz: UTC}", "PIPELINE_UNKNOWN_KEY"],
  ])("with %s is an error", (_, rule, code) => {
    expect(codesOf(withTop(`schedule: [${rule}]`))).toEqual([code]);
  });
});

describe("concurrency", () => {
  test("keeps its texts for the event to complete", () => {
    const text = withTop(
      "inputs: {stage: {default: test}}",
      "concurrency:",
      "  group: deploy-${event.branch}-${inputs.stage}",
      "  cancel_in_progress: ${{ event.branch != 'main' }}",
    );
    const { definition, errors } = parse(text);
    expect(errors).toEqual([]);
    expect(definition?.concurrency).toEqual({
      group: "deploy-${event.branch}-${inputs.stage}",
      cancelInProgress: "${{ event.branch != 'main' }}",
    });
  });

  test.each([
    ["a variable", "{group: '${STAGE}'}", "VARIABLE_NOT_OF_EVENT"],
    ["a secret", "{group: '${secrets.KEY}'}", "VARIABLE_NOT_OF_EVENT"],
    ["a misspelt part of the event", "{group: '${event.brunch}'}", "VARIABLE_NOT_OF_EVENT"],
    ["an input that is not there", "{group: '${inputs.stage}'}", "VARIABLE_NOT_OF_EVENT"],
    ["half a reference", "{group: '${event.branch'}", "VARIABLE_UNTERMINATED"],
    ["no group", "{cancel_in_progress: true}", "PIPELINE_MISSING_FIELD"],
    ["a text for a truth value", "{group: a, cancel_in_progress: maybe}", "PIPELINE_WRONG_TYPE"],
  ])("with %s is an error", (_, rule, code) => {
    expect(codesOf(withTop(`concurrency: ${rule}`))).toEqual([code]);
  });

  test("suggests the name that was meant", () => {
    const [error] = parse(withTop("concurrency: {group: '${event.brunch}'}")).errors;
    expect(error?.suggestion).toContain('Did you mean "event.branch"?');
    expect(error?.sourceLine.slice((error.column ?? 1) - 1)).toMatch(/^\$\{event\.brunch\}/);
  });
});
