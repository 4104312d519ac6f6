import { WaybillError } from "@waybill/core";
import { describe, expect, test } from "vitest";
import { jobWith } from "../testing.ts";
import { parsePipelineOrThrow } from "./parse-pipeline-or-throw.ts";
import { PipelineErrors } from "./pipeline-errors.ts";
import { PipelineParserError } from "./pipeline-parser-error.ts";
import { CircularDependencyError, ValidationError, VariableResolutionError } from "./specific-errors.ts";

function thrownBy(text: string): unknown {
  try {
    parsePipelineOrThrow(text, { now: 0 });
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

const job = (dependsOn: string): string => `{depends_on: [${dependsOn}], steps: [{name: a, script: [make]}]}`;

describe("parsing with exceptions", () => {
  test("returns the definition of a valid file", () => {
    expect(parsePipelineOrThrow(jobWith(), { now: 0 }).name).toBe("demo");
  });

  test("throws a syntax error with its line and column", () => {
    const error = thrownBy("name: demo\njobs: @x\n");
    expect(error).toBeInstanceOf(PipelineParserError);
    expect(error).toMatchObject({
      code: "YAML_RESERVED_START",
      sourceLocation: { line: 2, column: 7 },
      message: "Line 2, Column 7: A text cannot start with @ unless it is quoted.",
    });
  });

  test("leaves the place out where there is none", () => {
    expect(thrownBy("")).toMatchObject({
      sourceLocation: { line: null, column: null },
      message: "The file holds no pipeline: it is empty or has only comments.",
    });
  });

  test("throws a validation error with its field path and suggestion", () => {
    const error = thrownBy(jobWith("steps:", "  - name: compile"));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({
      fieldPath: "jobs.build.steps[0].script",
      suggestions: [expect.stringContaining("script: [")],
      message: expect.stringMatching(
        /^Line 5, Column 9: Validation error in 'jobs\.build\.steps\[0\]\.script': Missing required field "script"\nSuggestions: Add /,
      ),
    });
  });

  test("throws the cycle with its path, the first job not repeated", () => {
    const error = thrownBy(`name: demo\njobs: {a: ${job("b")}, b: ${job("c")}, c: ${job("a")}, d: ${job("a")}}\n`);
    expect(error).toBeInstanceOf(CircularDependencyError);
    expect((error as CircularDependencyError).cyclePath.toSorted()).toEqual(["a", "b", "c"]);
    expect((error as Error).message).toMatch(/Circular dependency detected: (\w) → \w → \w → \1$/);
  });

  test("throws an undefined variable with its name and the names there are", () => {
    const error = thrownBy(jobWith("environment: {HOST: web, URL: 'http://${HSOT}'}"));
    expect(error).toBeInstanceOf(VariableResolutionError);
    expect(error).toMatchObject({ variableName: "HSOT", availableVariables: expect.arrayContaining(["HOST", "URL"]) });
    expect((error as Error).message).toMatch(
      /^Line 4, Column \d+: Cannot resolve variable '\$\{HSOT\}' in job "build"\nAvailable variables: .*HOST/,
    );
  });

  test("throws a value of the wrong type as a validation error", () => {
    const error = thrownBy(jobWith("environment: {T: soon}", "timeout: ${T}"));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ fieldPath: "jobs.build.timeout", code: "VARIABLE_TYPE" });
  });

  test("throws variables that refer to each other in a circle", () => {
    const error = thrownBy(jobWith("environment: {A: '${B}', B: '${A}'}"));
    expect(error).toBeInstanceOf(VariableResolutionError);
    expect((error as Error).message).toContain("Circular variable reference: A → B → A");
  });

  test("throws one of several problems with all of them in order", () => {
    const error = thrownBy(`name: demo\njobs: {a: ${job("nowhere")}, b: {steps: []}}\n`);
    expect(error).toBeInstanceOf(PipelineErrors);
    expect(error).toBeInstanceOf(WaybillError);
    const { errors, message } = error as PipelineErrors;
    expect(errors.map((each) => each.code)).toEqual(["GRAPH_UNKNOWN_DEPENDENCY", "PIPELINE_JOB_WITHOUT_STEPS"]);
    for (const each of errors) expect(message).toContain(each.message);
  });
});
