import { describe, expect, test } from "vitest";
import { inputValues } from "../../inputs/input-values.ts";
import type { ParseOptions, ParseResult } from "../../parse-pipeline.ts";
import { parsePipeline } from "../../parse-pipeline.ts";
import { mergedEnvironment } from "../../variables/merged-environment.ts";

const JOBS = "jobs: {build: {if: inputs.deploy == true, steps: [{name: a, script: ['echo ${inputs.version}']}]}}\n";
const INPUTS = "inputs: {version: {required: true}, deploy: {type: boolean, default: yes}}\n".replace("yes", "true");

function parseWith(inputs: string, options: Partial<ParseOptions> = {}, jobs = JOBS): ParseResult {
  return parsePipeline(`name: demo\n${inputs}${jobs}`, { file: "waybill.yaml", now: 0, ...options });
}

function codesOf({ errors }: ParseResult): string[] {
  return errors.map(({ code }) => code);
}

describe("inputs", () => {
  test("keep their order and have a type", () => {
    const inputs = [
      "inputs:",
      "  version: {description: What to release, required: true}",
      "  deploy: {type: boolean}",
      "  count: {type: number, default: 2.5}",
      "  stage: {type: choice, options: [test, prod], default: prod}\n",
    ].join("\n");
    const { definition } = parseWith(inputs, { missingInputs: "sampled" });
    expect([...(definition?.inputs ?? [])]).toEqual([
      ["version", { type: "string", description: "What to release", required: true, default: null, options: [] }],
      ["deploy", { type: "boolean", description: "", required: false, default: null, options: [] }],
      ["count", { type: "number", description: "", required: false, default: 2.5, options: [] }],
      ["stage", { type: "choice", description: "", required: false, default: "prod", options: ["test", "prod"] }],
    ]);
    expect(definition?.globalEnv).toEqual({
      "inputs.version": "version",
      "inputs.deploy": "false",
      "inputs.count": "2.5",
      "inputs.stage": "prod",
    });
  });

  test("given as parameters are replaced in texts and leave the parameters", () => {
    const result = parseWith(INPUTS, {
      parameters: { "inputs.version": "1.10", "inputs.deploy": "FALSE", OTHER: "x" },
    });
    expect(result.errors).toEqual([]);
    expect(result.definition?.jobs.get("build")?.steps[0]?.script).toEqual(["echo 1.10"]);
    expect(result.definition?.globalEnv["inputs.deploy"]).toBe("false");
    expect(result.parameters).toEqual({ OTHER: "x" });
  });

  test("are seen by conditions, and are no variables of a process", () => {
    const { definition } = parseWith(
      INPUTS,
      { parameters: { "inputs.version": "1" } },
      JOBS.replace("steps", "environment: {A: b}, steps"),
    );
    const job = definition?.jobs.get("build");
    if (definition === null || job === undefined) throw new Error("no job");
    expect(mergedEnvironment(definition, job, null, {})).toEqual({
      A: "b",
      "inputs.version": "1",
      "inputs.deploy": "true",
    });
    expect(mergedEnvironment(definition, job, job.steps[0] ?? null, {})).toEqual({ A: "b" });
  });

  test("are text, never a template", () => {
    const result = parseWith(INPUTS, { parameters: { "inputs.version": "${secrets.KEY}$${x}" } });
    expect(result.definition?.jobs.get("build")?.steps[0]?.script).toEqual(["echo ${secrets.KEY}$${x}"]);
  });

  test("that are required and missing are an error, but not where a file is only looked at", () => {
    expect(codesOf(parseWith(INPUTS))).toEqual(["INPUT_MISSING"]);
    expect(codesOf(parseWith(INPUTS, { missingInputs: "sampled" }))).toEqual([]);
  });

  test.each([
    ["an unknown name", { "inputs.version": "1", "inputs.verison": "1" }, "INPUT_UNKNOWN"],
    ["a value that does not fit", { "inputs.version": "1", "inputs.deploy": "perhaps" }, "INPUT_INVALID"],
    ["a control character", { "inputs.version": "a\0b" }, "INPUT_INVALID"],
    ["a book", { "inputs.version": "x".repeat(8193) }, "INPUT_INVALID"],
  ])("refuse %s", (_, parameters, code) => {
    expect(codesOf(parseWith(INPUTS, { parameters }))).toEqual([code]);
  });

  test("never repeat a value that does not fit", () => {
    const { errors } = parseWith(INPUTS, { parameters: { "inputs.version": "1", "inputs.deploy": "hunter2" } });
    expect(JSON.stringify(errors)).not.toContain("hunter2");
  });

  test.each([
    ["a name with a space", "{my input: {}}", "PIPELINE_INPUT_NAME_INVALID"],
    ["an unknown type", "{a: {type: text}}", "PIPELINE_WRONG_TYPE"],
    ["a choice of nothing", "{a: {type: choice}}", "PIPELINE_INPUT_WITHOUT_OPTIONS"],
    ["options of a text", "{a: {options: [x]}}", "PIPELINE_INPUT_OPTIONS_UNUSED"],
    ["an option twice", "{a: {type: choice, options: [x, x]}}", "PIPELINE_INPUT_OPTION_TWICE"],
    ["a default of another type", "{a: {type: number, default: many}}", "PIPELINE_INPUT_DEFAULT_INVALID"],
    [
      "a default that cannot be chosen",
      "{a: {type: choice, options: [x], default: y}}",
      "PIPELINE_INPUT_DEFAULT_INVALID",
    ],
    ["a default with a variable", "{a: {default: '${HOME}'}}", "PIPELINE_INPUT_DEFAULT_INVALID"],
    ["a default nobody needs", "{a: {required: true, default: y}}", "PIPELINE_INPUT_DEFAULT_UNUSED"],
    [
      "fifty-one of them",
      `{${Array.from({ length: 51 }, (_, index) => `a${index}: {}`).join(", ")}}`,
      "PIPELINE_LIST_TOO_LONG",
    ],
  ])("with %s are an error", (_, inputs, code) => {
    const jobs = "jobs: {build: {steps: [{name: a, script: [make]}]}}\n";
    expect(codesOf(parseWith(`inputs: ${inputs}\n`, {}, jobs))).toEqual([code]);
  });
});

describe("values from a request", () => {
  const inputs = parseWith(
    "inputs: {version: {required: true}, deploy: {type: boolean}, stage: {type: choice, options: [test, prod]}}\n",
    { missingInputs: "sampled" },
  ).definition?.inputs;

  function valuesOf(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return inputValues(inputs ?? new Map(), given);
  }

  test("are read in their types and completed", () => {
    expect(valuesOf({ version: 2, deploy: "true" })).toEqual({ version: "2", deploy: true, stage: "test" });
  });

  test.each([
    [{}, "INPUT_MISSING"],
    [{ version: null }, "INPUT_INVALID"],
    [{ version: ["1"] }, "INPUT_INVALID"],
    [{ version: "1", stage: "live" }, "INPUT_INVALID"],
    [{ version: "1", constructor: "x" }, "INPUT_UNKNOWN"],
    [JSON.parse('{"version": "1", "__proto__": "x"}') as Record<string, unknown>, "INPUT_UNKNOWN"],
  ])("%j are refused", (given, code) => {
    expect(() => valuesOf(given)).toThrow(expect.objectContaining({ code }));
  });
});
