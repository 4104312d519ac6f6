import { describe, expect, test } from "vitest";
import { spawnCli, type CliResult } from "../../testing/spawn-cli.ts";
import { temporaryProject } from "../../testing/temporary-project.ts";

const PIPELINE = `name: demo
jobs:
  build:
    steps: [{ name: compile, script: ["touch built"] }]
  lint:
    steps: [{ name: lint, script: ["true"] }]
  test:
    depends_on: [build]
    if: STAGE == 'prod'
    steps: [{ name: unit, script: ["true"] }]
`;

interface Simulated {
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  readonly warnings: readonly unknown[];
}

async function simulate(events: unknown, args: readonly string[] = []): Promise<CliResult> {
  const cwd = await temporaryProject({
    "waybill.yaml": PIPELINE,
    "events.json": typeof events === "string" ? events : JSON.stringify(events),
  });
  return spawnCli(["simulate", "--events", "events.json", "--var", "STAGE=prod", ...args], { cwd });
}

describe("waybill simulate", () => {
  test("prints every job's state from the start and after each event", async () => {
    const events = [
      { job: "build", outcome: "success" },
      { job: "test", outcome: "failed" },
      { job: "lint", outcome: "success" },
    ];
    const { exitCode, stdout, stderr } = await simulate(events, ["--json"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    const { steps, warnings } = JSON.parse(stdout) as Simulated;
    expect(steps).toEqual([
      { event: null, jobs: { build: "running", lint: "running", test: "pending" }, ready: [], run: "running" },
      { event: events[0], jobs: { build: "success", lint: "running", test: "running" }, ready: [], run: "running" },
      { event: events[1], jobs: { build: "success", lint: "running", test: "failed" }, ready: [], run: "running" },
      { event: events[2], jobs: { build: "success", lint: "success", test: "failed" }, ready: [], run: "failed" },
    ]);
    expect(warnings).toEqual([]);
  });

  test("tries failed attempts again as a run would", async () => {
    const cwd = await temporaryProject({
      "waybill.yaml": PIPELINE.replace("  lint:", "  lint:\n    retry: { max: 1, when: [transient_dependencies] }"),
    });
    const network = { job: "lint", outcome: "failed", category: "transient_dependencies" };
    const input = JSON.stringify([network, { job: "lint", outcome: "failed", exit_code: 1 }]);
    const args = ["simulate", "--events", "-", "--var", "STAGE=prod"];
    const { stdout } = await spawnCli([...args, "--json"], { cwd, input });
    const { steps } = JSON.parse(stdout) as Simulated;
    expect(steps).toMatchObject([
      { jobs: { lint: "running" } },
      { event: network, jobs: { lint: "retry" } },
      { jobs: { lint: "failed" } },
    ]);
    const text = await spawnCli(args, { cwd, input });
    expect(text.stdout).toMatch(/\nlint failed transient_dependencies +running +lint retry\nlint failed 1 /);
  });

  test("honours limits and variables", async () => {
    const events = [{ job: "build", outcome: "success" }];
    const { stdout } = await simulate(events, ["--json", "--concurrency", "1", "--var", "STAGE=test"]);
    const { steps } = JSON.parse(stdout) as Simulated;
    expect(steps).toMatchObject([
      { jobs: { build: "running", lint: "pending", test: "pending" }, ready: ["lint"] },
      { jobs: { build: "success", lint: "running", test: "pending" }, ready: ["test"] },
    ]);
  });

  test("tells a person what each event changes, and where every job ends", async () => {
    const { stdout } = await simulate([{ job: "build", outcome: "failed" }]);
    expect(stdout).toMatch(/^EVENT +RUN +WHAT FOLLOWS\nstart +running +build running, lint running\n/);
    expect(stdout).toMatch(/\nbuild failed +running +test cancelled\n\nJOB +STATUS +REASON\n/);
    expect(stdout).toContain('depends on "build", which failed');
  });

  test("warns of a condition that only a run can decide", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": PIPELINE.replace("STAGE", "WAYBILL_RUN_ID") });
    const input = JSON.stringify([{ job: "build", outcome: "success" }]);
    const { exitCode, stdout, stderr } = await spawnCli(["simulate", "--events", "-", "--json"], { cwd, input });
    expect(exitCode).toBe(0);
    expect(stderr).toContain("warning: the condition `WAYBILL_RUN_ID == 'prod'` of job \"test\" counts as true");
    expect(JSON.parse(stdout)).toMatchObject({
      warnings: [{ job: "test", message: "only a run knows WAYBILL_RUN_ID" }],
    });
  });

  test.each([
    ["what is not JSON", "[", "SIMULATION_EVENTS_NOT_JSON"],
    ["what is no list", "{}", "SIMULATION_EVENTS_INVALID"],
    ["what is no object", "[1]", "SIMULATION_EVENTS_INVALID"],
    ["an outcome that does not exist", '[{"job":"build","outcome":"done"}]', "SIMULATION_EVENTS_INVALID"],
    ["an exit code of success", '[{"job":"build","outcome":"failed","exit_code":0}]', "SIMULATION_EVENTS_INVALID"],
    ["an unknown category", '[{"job":"build","outcome":"failed","category":"flaky"}]', "SIMULATION_EVENTS_INVALID"],
    ["an unknown key", '[{"job":"build","outcome":"success","when":1}]', "SIMULATION_EVENTS_INVALID"],
    ["an unknown job", '[{"job":"biuld","outcome":"success"}]', "SIMULATION_UNKNOWN_JOB"],
    ["a job that does not run", '[{"job":"test","outcome":"success"}]', "SIMULATION_JOB_NOT_RUNNING"],
    ["too large a file", " ".repeat(9 * 1024 * 1024), "CLI_FILE_TOO_LARGE"],
  ])("refuses %s and prints nothing else", async (_name, events, code) => {
    const { exitCode, stdout, stderr } = await simulate(events, ["--json"]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`error[${code}]`);
  });
});
