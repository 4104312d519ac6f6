import { describe, expect, test } from "vitest";
import { LEFTOVERS, temporaryCopy } from "../support/temporary-directory.ts";
import { repositoryRoot } from "../support/repository.ts";
import { outputOf, runPipeline, waybill } from "../support/waybill.ts";

// The end-to-end tests are no part of the pipeline: they would start this one again.

/** Where tools say at the end what went wrong. */
function lastLines(output: string): string {
  return output.split("\n").slice(-80).join("\n");
}

describe("Waybill's own pipeline", () => {
  test("builds, checks and tests a fresh copy of this checkout", async () => {
    const checkout = await temporaryCopy(repositoryRoot, LEFTOVERS);
    const run = await runPipeline([], { cwd: checkout });
    const failed = Object.keys(run.jobs).filter((job) => run.jobs[job] !== "success");
    expect(failed.map((job) => `${job}:\n${lastLines(outputOf(run, job))}`).join("\n")).toBe("");
    expect(run.jobs).toEqual({
      checks: "success",
      "unit-tests": "success",
      build: "success",
      "smoke-test": "success",
    });
    expect(run.exitCode).toBe(0);
  });

  test("is valid and without warnings", async () => {
    const { stdout } = await waybill(["lint", "--json"], { cwd: repositoryRoot });
    expect(JSON.parse(stdout)).toEqual({ valid: true, errors: [], warnings: [] });
  });
});
