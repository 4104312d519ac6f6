import { describe, expect, test } from "vitest";
import { getExecutionOrder, getJobByName, getJobDependencies } from "./definition-operations.ts";
import { definitionOf } from "./testing.ts";

const definition = definitionOf({ build: {}, test: { dependsOn: ["build"] } });

describe("a definition", () => {
  test("gives a job by its name, null for an unknown one", () => {
    expect(getJobByName(definition, "test")).toBe(definition.jobs.get("test"));
    expect(getJobByName(definition, "toString")).toBeNull();
  });

  test("gives a job's dependencies", () => {
    expect(getJobDependencies(definition, "test")).toEqual(["build"]);
  });

  test("suggests close names for the dependencies of an unknown job", () => {
    expect(() => getJobDependencies(definition, "tset")).toThrow(
      expect.objectContaining({
        code: "GRAPH_UNKNOWN_JOB",
        message: 'There is no job "tset" in this pipeline',
        remedy: 'Did you mean "test"? Jobs in this pipeline: build, test.',
      }),
    );
  });

  test("gives the order of execution", () => {
    expect(getExecutionOrder(definition)).toEqual([["build"], ["test"]]);
  });
});
