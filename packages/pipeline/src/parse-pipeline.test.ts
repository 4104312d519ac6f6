import { errorRegistry, type ErrorCode } from "@waybill/core";
import { describe, expect, test } from "vitest";
import { plainRetry } from "./model/retry-rule.ts";
import { errorPlaces, jobWith, parse } from "./testing.ts";

/** Codes whose example would be megabytes, and where a test of their own is. */
const TESTED_ELSEWHERE: ReadonlySet<string> = new Set([
  ...["YAML_TOO_LARGE", "YAML_NOT_UTF8", "YAML_TOO_MANY_TOKENS", "YAML_ALIAS_EXPANSION", "PIPELINE_UNKNOWN_FORMAT"],
  ...["PIPELINE_TOO_MANY_PROBLEMS", "PIPELINE_LIST_TOO_LONG", "YAML_SYNTAX"],
  // A server's, about a pipeline and not about the text of one.
  ...["PIPELINE_NAME_TAKEN", "PIPELINE_HAS_RUNS", "PIPELINE_FILE_MISSING", "PIPELINE_FILE_INVALID"],
]);

const codes = (Object.keys(errorRegistry) as ErrorCode[]).filter((code) => /^(YAML|PIPELINE|SHIPINATOR)_/.test(code));

describe("the error catalogue", () => {
  test.each(codes.filter((code) => !TESTED_ELSEWHERE.has(code)))("the example of %s produces it", (code) => {
    const file = code.startsWith("SHIPINATOR_") ? ".shipinator.yaml" : "waybill.yaml";
    const { errors, warnings } = parse(errorRegistry[code].example, { file });
    expect([...errors, ...warnings].map((problem) => problem.code)).toContain(code);
  });

  test.each(codes.filter((code) => !code.startsWith("YAML_") && !TESTED_ELSEWHERE.has(code)))(
    "the example of %s produces nothing else",
    (code) => {
      const file = code.startsWith("SHIPINATOR_") ? ".shipinator.yaml" : "waybill.yaml";
      const { errors, warnings } = parse(errorRegistry[code].example, { file });
      expect([...errors, ...warnings].map((problem) => problem.code)).toEqual([code]);
    },
  );
});

describe("parsing a pipeline", () => {
  test("gives a definition for the smallest file", () => {
    const result = parse(jobWith(), { now: Date.UTC(2026, 0, 2, 3, 4, 5, 6) });
    expect(result.errors).toEqual([]);
    expect(result.definition).toMatchObject({
      name: "demo",
      timeout: 7200,
      retryPolicy: { maxAttempts: 1 },
      createdAt: "2026-01-02T03:04:05.006Z",
    });
    expect(result.definition?.jobs.get("build")).toMatchObject({
      timeout: 3600,
      retry: plainRetry(0),
      condition: null,
    });
    expect(result.definition?.jobs.get("build")?.steps).toMatchObject([
      {
        name: "compile",
        timeout: 1800,
        retry: plainRetry(0),
        workingDirectory: "/workspace",
        continueOnFailure: false,
        image: null,
      },
    ]);
  });

  test("keeps jobs in the order of the file", () => {
    const job = "{steps: [{name: a, script: [x]}]}";
    const result = parse(`name: demo\njobs:\n  z: ${job}\n  a: ${job}\n  m: ${job}\n`);
    expect([...(result.definition?.jobs.keys() ?? [])]).toEqual(["z", "a", "m"]);
  });

  test("reads bytes as well as text", () => {
    expect(parse(new TextEncoder().encode(jobWith())).definition?.name).toBe("demo");
  });

  test("stops after syntax errors", () => {
    expect(errorPlaces(parse("name: @demo\njobs: {}\n"))).toEqual(["YAML_RESERVED_START 1:7"]);
  });

  test("reports schema, name and dependency problems together, in the order of the file", () => {
    const result = parse(`name: demo
jobs:
  build:
    timeout: 9999
    steps: [{name: a, script: make}]
  2nd:
    depends_on: [biuld]
    steps: [{name: a, script: [make]}]
extra: 1
`);
    expect(errorPlaces(result)).toEqual([
      ...["PIPELINE_OUT_OF_RANGE 4:14", "PIPELINE_LIST_EXPECTED 5:31", "PIPELINE_JOB_NAME_INVALID 6:3"],
      ...["GRAPH_UNKNOWN_DEPENDENCY 7:18", "PIPELINE_UNKNOWN_KEY 9:1"],
    ]);
    expect(result.definition).toBeNull();
  });

  test("reports variables together with schema and dependencies", () => {
    const result = parse(`name: demo
jobs:
  build:
    timeout: soon
    steps: [{name: a, script: ["echo \${NOWHERE}"]}]
  test:
    depends_on: [biuld]
    conditional: 1 +
    steps: [{name: a, script: [make]}]
`);
    expect(result.errors.map((error) => error.code)).toEqual([
      ...["PIPELINE_WRONG_TYPE", "VARIABLE_UNDEFINED", "GRAPH_UNKNOWN_DEPENDENCY", "EXPRESSION_SYNTAX"],
    ]);
  });

  test("resolves variables with parameters before all other sources", () => {
    const text = jobWith("environment: {BRANCH: main}", "steps:", "  - {name: a, script: ['echo ${BRANCH} ${CI}']}");
    const result = parse(text, { parameters: { BRANCH: "feature" }, system: { CI: "true" } });
    expect(result.definition?.jobs.get("build")?.steps[0]?.script).toEqual(["echo feature true"]);
  });

  test("gives no definition exactly where there are errors, and warnings are none", () => {
    const result = parse(jobWith("depends_on: [build]"));
    expect(result.errors).toEqual([]);
    expect(result.warnings.map((warning) => warning.code)).toEqual(["GRAPH_SELF_DEPENDENCY"]);
    expect(result.definition?.jobs.get("build")?.dependsOn).toEqual([]);
  });

  test("counts errors past those it keeps", () => {
    const steps = Array.from({ length: 500 }, (_, index) => `  - {name: s${index}, script: [x], bad: 1}`);
    const result = parse(jobWith("steps:", ...steps));
    expect(result.errors).toHaveLength(200);
    expect(result.errorCount).toBe(500);
  });

  test("survives more wrong values than the schema library can gather", () => {
    const values = Array.from({ length: 150_000 }, () => "1").join(",");
    const result = parse(jobWith(`depends_on: [${values}]`));
    expect(result.definition).toBeNull();
    expect(result.errors.map((error) => error.code)).toContain("PIPELINE_TOO_MANY_PROBLEMS");
  });

  test("quotes a job's unusual name in the path", () => {
    const result = parse('name: demo\njobs: {"a.b": {steps: 1}}\n');
    expect(result.errors).toContainEqual(
      expect.objectContaining({ path: 'jobs["a.b"].steps', context: 'In job "a.b"', code: "PIPELINE_LIST_EXPECTED" }),
    );
  });
});
