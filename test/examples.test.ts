import { existsSync, readdirSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "./support/repository.ts";
import { temporaryCopy, temporaryDirectory } from "./support/temporary-directory.ts";
import { outputOf, runPipeline, waybill, type PipelineRun } from "./support/waybill.ts";

const examples = join(repositoryRoot, "examples");
const projects = readdirSync(examples).filter((name) =>
  ["waybill.yaml", ".shipinator.yaml"].some((file) => existsSync(join(examples, name, file))),
);
const singleFiles = readdirSync(examples).filter((name) => name.endsWith(".yml"));

/** How jobs end where an example leaves some out on purpose; all others succeed. */
const EXPECTED_JOBS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  conditions: { build: "success", preview: "success", release: "cancelled", announce: "success" },
  "multi_stage_pipeline.yml": {
    build: "success",
    "unit-tests": "success",
    "integration-tests": "success",
    package: "success",
    release: "cancelled",
  },
};

/** What must hold for the events of every run, whatever it does. */
function expectOrderlyEvents(run: PipelineRun): void {
  expect(run.events.map((event) => event.seq)).toEqual(run.events.map((_event, index) => index + 1));
  expect(run.events[0]?.type).toBe("run.started");
  expect(run.events.at(-1)?.type).toBe("run.finished");
  expect(new Set(run.events.map((event) => event.run)).size).toBe(1);
  const started = run.events.filter((event) => event.type === "job.started").map((event) => event.job);
  const finished = run.events.filter((event) => event.type === "job.finished").map((event) => event.job);
  expect(finished).toEqual(expect.arrayContaining(started));
  expect(new Set(finished).size).toBe(finished.length);
}

function expectSuccess(run: PipelineRun, name: string): void {
  expect(run.stderr).toBe("");
  expectOrderlyEvents(run);
  expect(run.exitCode).toBe(0);
  expect(run.events.at(-1)?.status).toBe("success");
  expect(Object.keys(run.jobs).length).toBeGreaterThan(0);
  const expected = EXPECTED_JOBS[name] ?? Object.fromEntries(Object.keys(run.jobs).map((job) => [job, "success"]));
  expect(run.jobs).toEqual(expected);
}

function position(run: PipelineRun, type: string, job: string): number {
  return run.events.findIndex((event) => event.type === type && event.job === job);
}

describe("examples", () => {
  test.each(projects)("%s is valid and without warnings", async (name) => {
    const { exitCode, stdout } = await waybill(["lint", "--json"], { cwd: join(examples, name) });
    expect(JSON.parse(stdout)).toEqual({ valid: true, errors: [], warnings: [] });
    expect(exitCode).toBe(0);
  });

  test.each(projects)("%s runs and succeeds", async (name) => {
    const project = await temporaryCopy(join(examples, name));
    expectSuccess(await runPipeline([], { cwd: project }), name);
  });

  test.each(singleFiles)("%s runs and succeeds", async (name) => {
    const project = await temporaryDirectory();
    await cp(join(examples, name), join(project, name));
    expectSuccess(await runPipeline([name], { cwd: project }), name);
  });

  test("each one has a README and is in the list", async () => {
    const list = await readFile(join(examples, "README.md"), "utf8");
    for (const name of [...projects, ...singleFiles]) expect(list).toContain(`](${name})`);
    for (const name of projects) expect(existsSync(join(examples, name, "README.md"))).toBe(true);
  });

  test("conditions: the release happens on the main branch", async () => {
    const project = await temporaryCopy(join(examples, "conditions"));
    const run = await runPipeline(["--var", "BRANCH=main"], { cwd: project });
    expect(run.jobs).toEqual({ build: "success", preview: "cancelled", release: "success", announce: "success" });
  });

  test("variables: a value from the command line is what the job sees", async () => {
    const project = await temporaryCopy(join(examples, "variables"));
    const run = await runPipeline(["--var", "SERVICE=other", "--job", "run"], { cwd: project });
    expect(outputOf(run, "run")).toMatch(/^run 1 of variables, job run, attempt 1$/m);
  });

  test("diamond: both halves run between the start and the finish", async () => {
    const project = await temporaryCopy(join(examples, "diamond"));
    const run = await runPipeline([], { cwd: project });
    for (const half of ["left", "right"]) {
      expect(position(run, "job.started", half)).toBeGreaterThan(position(run, "job.finished", "start"));
      expect(position(run, "job.finished", half)).toBeLessThan(position(run, "job.started", "finish"));
    }
  });

  test("storefront: the packaged service really served an order", async () => {
    const project = await temporaryCopy(join(examples, "storefront"));
    const run = await runPipeline([], { cwd: project });
    expect(outputOf(run, "smoke-test")).toContain("started, served an order and stopped");
  });

  test("storefront: a broken unit test stops the package and fails the run", async () => {
    const project = await temporaryCopy(join(examples, "storefront"));
    await writeFile(
      join(project, "test/broken.test.ts"),
      'import { test } from "node:test";\ntest("fails", () => {\n  throw new Error("on purpose");\n});\n',
    );
    const run = await runPipeline([], { cwd: project });
    expect(run.exitCode).toBe(1);
    expect(run.jobs).toMatchObject({
      compile: "success",
      "unit-tests": "failed",
      package: "cancelled",
      "smoke-test": "cancelled",
    });
    expect(outputOf(run, "unit-tests")).toContain("on purpose");
  });
});
