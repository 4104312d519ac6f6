import { describe, expect, test } from "vitest";
import { BROKEN, TWO_JOBS } from "../../testing/pipelines.ts";
import { spawnCli } from "../../testing/spawn-cli.ts";
import { temporaryProject } from "../../testing/temporary-project.ts";

describe("waybill plan", () => {
  test("shows a program the levels and every job", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    const { exitCode, stdout, stderr } = await spawnCli(["plan", "--json"], { cwd });
    expect([exitCode, stderr]).toEqual([0, ""]);
    const plan = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(plan)).toEqual(["name", "levels", "jobs", "critical_path", "parallelism", "warnings"]);
    expect(plan).toMatchObject({
      name: "demo",
      levels: [["build"], ["test"]],
      jobs: {
        build: { depends_on: [], dependents: ["test"], condition: null },
        test: { depends_on: ["build"], steps: [{ name: "unit", image: null, script: ["echo testing"] }] },
      },
      critical_path: ["build", "test"],
      parallelism: 1,
      warnings: [],
    });
  });

  test("shows a person the same in words", async () => {
    const cwd = await temporaryProject();
    const { exitCode, stdout } = await spawnCli(["plan", "-"], { cwd, input: TWO_JOBS });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("demo");
    expect(stdout).toContain("test");
  });

  test("of a broken pipeline is none: the errors, and exit code 2", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": BROKEN });
    const { exitCode, stdout, stderr } = await spawnCli(["plan"], { cwd });
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("biuld");
    expect(stderr).toContain("error[CLI_PIPELINE_INVALID]: waybill.yaml has 2 errors");
  });

  test("of a broken pipeline gives a program what lint does", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": BROKEN });
    const plan = await spawnCli(["plan", "--json"], { cwd });
    const lint = await spawnCli(["lint", "--json"], { cwd });
    expect(plan.exitCode).toBe(2);
    expect(plan.stdout).toBe(lint.stdout);
  });
});

describe("waybill graph", () => {
  test.each([
    ["tree", "build"],
    ["mermaid", "j0 --> j1"],
    ["dot", "digraph"],
  ])("draws as %s", async (format, part) => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    const { exitCode, stdout, stderr } = await spawnCli(["graph", "--format", format], { cwd });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(part);
    expect(stdout.endsWith("\n")).toBe(true);
  });

  test("gives a program jobs and edges", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    const { stdout } = await spawnCli(["graph", "--json"], { cwd });
    expect(JSON.parse(stdout)).toEqual({
      name: "demo",
      jobs: ["build", "test"],
      edges: [{ from: "build", to: "test" }],
    });
  });
});
