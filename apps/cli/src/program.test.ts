import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { CLI, spawnCli } from "./testing/spawn-cli.ts";
import { TWO_JOBS } from "./testing/pipelines.ts";
import { temporaryProject } from "./testing/temporary-project.ts";

const cwd = "/";

describe("waybill", () => {
  test("without a command shows its help", async () => {
    const { exitCode, stdout, stderr } = await spawnCli([], { cwd });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Usage: waybill COMMAND");
    expect(stdout).not.toContain("__complete");
  });

  test("--version prints a version and nothing else", async () => {
    const { exitCode, stdout } = await spawnCli(["--version"], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("suggests the command that was meant", async () => {
    const { exitCode, stdout, stderr } = await spawnCli(["rnu"], { cwd });
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain('error[CLI_UNKNOWN_COMMAND]: There is no command "rnu"');
    expect(stderr).toContain("Did you mean run?");
  });

  test("suggests the option that was meant", async () => {
    const { exitCode, stderr } = await spawnCli(["lint", "--jsn"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error[CLI_UNKNOWN_OPTION]: There is no option "--jsn"');
    expect(stderr).toContain("Did you mean --json?");
  });

  test.each([
    ["a missing argument", ["logs"], "Missing required argument 'RUN'"],
    ["too many arguments", ["schema", "extra"], "Too many arguments"],
    ["a value that is none of the choices", ["graph", "--format", "svg"], "tree, mermaid, dot"],
    ["a number that is none", ["run", "--concurrency", "0"], "whole number from 1"],
    ["options that exclude each other", ["run", "--json", "--plain"], "cannot be used with"],
  ])("refuses %s", async (_what, args, message) => {
    const { exitCode, stdout, stderr } = await spawnCli(args, { cwd });
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("error[CLI_USAGE]: ");
    expect(stderr).toContain(message);
  });

  test("colours errors only where it is told to or on a terminal", async () => {
    const plain = await spawnCli(["rnu"], { cwd });
    const coloured = await spawnCli(["rnu"], { cwd, env: { FORCE_COLOR: "1" } });
    expect(plain.stderr).not.toContain("\u001b[");
    expect(coloured.stderr).toContain("\u001b[31m");
  });

  test("shows the stack of an error only with WAYBILL_DEBUG=1", async () => {
    const quiet = await spawnCli(["lint", "missing.yaml", "--env-file", "none"], { cwd });
    const debug = await spawnCli(["lint", "missing.yaml", "--env-file", "none"], { cwd, env: { WAYBILL_DEBUG: "1" } });
    expect(quiet.stderr).not.toMatch(/\n\s+at /);
    expect(debug.stderr).toMatch(/\n\s+at /);
    expect(debug.stderr).toContain("ENOENT");
  });

  test("every command's help has examples", async () => {
    for (const command of ["init", "lint", "plan", "graph", "run", "runs", "logs", "schema", "explain", "completion"]) {
      const { exitCode, stdout } = await spawnCli([command, "--help"], { cwd });
      expect(exitCode).toBe(0);
      expect(stdout).toContain("\nExamples:\n  ");
    }
  });

  test("is quiet when its reader leaves early", async () => {
    const project = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    const { stdout, stderr } = await promisify(execFile)(
      "sh",
      ["-c", '"$@" explain | head -n 1; "$@" explain --json | true', "sh", ...CLI],
      { cwd: project },
    );
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stderr).toBe("");
  });

  test("is quiet when the reader of its help leaves early", async () => {
    const { stderr } = await promisify(execFile)("sh", ["-c", '"$@" run --help | true; "$@" | true', "sh", ...CLI]);
    expect(stderr).toBe("");
  });
});
