import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spawnCli, type CliResult } from "../../testing/spawn-cli.ts";

const PIPELINE = `name: demo
global_env:
  STAGE: test
jobs:
  build:
    steps: [{ name: compile, script: [echo compiling] }]
  unit:
    depends_on: [build]
    retry: { max: 1, when: [127], backoff: { delay: 0 } }
    steps:
      - { name: prepare, script: [echo preparing] }
      - { name: check, script: [echo last words, no-such-program] }
  ship:
    depends_on: [build]
    if: STAGE == 'prod'
    steps: [{ name: ship, script: ["true"] }]
  report:
    depends_on: [unit]
    steps: [{ name: report, script: ["true"] }]
  other:
    steps: [{ name: other, script: ["true"] }]
`;

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "waybill-why-"));
  await writeFile(join(cwd, "waybill.yaml"), PIPELINE);
  await spawnCli(["run", "--job", "report", "--job", "ship"], { cwd });
});

afterAll(() => rm(cwd, { recursive: true, force: true }));

function why(...args: readonly string[]): Promise<CliResult> {
  return spawnCli(["why", ...args], { cwd });
}

describe("waybill why", () => {
  test("explains a failure: attempts, exit code, last words and remedy", async () => {
    const { exitCode, stdout, stderr } = await why("latest", "unit");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Job unit of run 1 failed after 2 attempts: step "check" exited with code 127 /);
    expect(stdout).toContain("\n  yes   depends on build: succeeded\n");
    expect(stdout).toMatch(
      /\n {2}attempt 1, in process: asked for with --executor\n {4}step prepare: success, in .*\n {4}step check: failed, exit code 127, /,
    );
    expect(stdout).toMatch(/\n {2}attempt 1 failed: .*; tried again after /);
    expect(stdout).toContain(
      "\nWhat it failed of:\n  configuration_errors: its exit code says that a command was not found\n",
    );
    expect(stdout).toContain("\n  no    by the rule of job unit: all its attempts are used\n");
    expect(stdout).toContain("step prepare 1800 s, step check 1800 s, job 3600 s, pipeline 7200 s: none ran out");
    expect(stdout).toContain("\nThe last lines of step check:\n  last words\n");
    expect(stdout).toMatch(
      /\nWhat to do:\n {2}Check its spelling .*\n {2}waybill logs 1 unit\n {2}waybill debug 1 unit\n$/,
    );
  });

  test("tells a program the same", async () => {
    const { stdout } = await why("1", "unit", "--json");
    const explanation = JSON.parse(stdout) as { output: readonly { line: string }[] };
    expect(explanation).toMatchObject({
      run: 1,
      run_status: "failed",
      job: "unit",
      status: "failed",
      reason: "step_failed",
      attempts: [
        {
          attempt: 1,
          exit_code: 127,
          category: "configuration_errors",
          retry: { reason: "step_failed", delay_ms: 0 },
          retry_rule: "named",
        },
        { attempt: 2, retry: null, retry_rule: "attempts_used" },
      ],
      failure: { category: "configuration_errors", cause: "not_found", service: null },
      time_outs: { job: 3600, ran_out: null },
      exit: { step: "check", exit_code: 127, meaning: "the command was not found" },
    });
    expect(explanation.output.map(({ line }) => line)).toContain("last words");
    expect(explanation.output.map(({ line }) => line)).not.toContain("preparing");
  });

  test("explains what was skipped, what could not run, and what was not asked for", async () => {
    expect((await why("1", "ship")).stdout).toContain(
      `\n  no    condition STAGE == 'prod': was false (STAGE is "test")\n`,
    );
    expect((await why("1", "report")).stdout).toContain("Look at what it begins with: unit.\n  waybill why 1 unit\n");
    expect((await why("1", "other")).stdout).toMatch(/^Job other of run 1 is no part of this run\n/);
  });

  test.each([
    ["a job that does not exist", ["1", "unti"], "CLI_UNKNOWN_JOB", "Did you mean unit?"],
    ["a run that does not exist", ["9", "unit"], "CLI_RUN_NOT_FOUND", "9"],
    ["no job", ["1"], "CLI_USAGE", "JOB"],
  ])("refuses %s", async (_name, args, code, words) => {
    const { exitCode, stdout, stderr } = await why(...args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).toContain(words);
  });
});
