import { describe, expect, test } from "vitest";
import type { PipelineDefinition, PipelineJob } from "./definition.ts";
import { getExecutionOrder, getJobByName, getJobDependencies } from "./definition-operations.ts";

function jobOf(name: string, dependsOn: readonly string[]): PipelineJob {
  return { name, steps: [], dependsOn, artifacts: {}, environment: {}, timeout: 3600, retryCount: 0, condition: null };
}

const jobs = [jobOf("build", []), jobOf("test", ["build"])];
const definition: PipelineDefinition = {
  name: "demo",
  jobs: new Map(jobs.map((job) => [job.name, job])),
  globalEnv: {},
  timeout: 7200,
  retryPolicy: { maxAttempts: 1 },
  artifacts: {},
  triggers: [],
  createdAt: "2026-03-01T12:00:00.000Z",
};

describe("a definition", () => {
  test("gives a job by its name, null for an unknown one", () => {
    expect(getJobByName(definition, "test")).toBe(jobs[1]);
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
