import { execFileSync } from "node:child_process";
import { mkdir, symlink, truncate } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { BROKEN, TWO_JOBS } from "../../testing/pipelines.ts";
import { spawnCli, type SpawnOptions } from "../../testing/spawn-cli.ts";
import { temporaryProject } from "../../testing/temporary-project.ts";

interface LintResult {
  readonly valid: boolean;
  readonly errors: readonly Readonly<Record<string, unknown>>[];
  readonly warnings: readonly Readonly<Record<string, unknown>>[];
}

async function lintJson(
  args: readonly string[],
  options: SpawnOptions,
): Promise<{ readonly exitCode: number | null; readonly result: LintResult }> {
  const { exitCode, stdout, stderr } = await spawnCli(["lint", "--json", ...args], options);
  expect(stderr).toBe("");
  return { exitCode, result: JSON.parse(stdout) as LintResult };
}

async function firstError(args: readonly string[], options: SpawnOptions): Promise<unknown> {
  const { exitCode, result } = await lintJson(args, options);
  expect([exitCode, result.valid]).toEqual([2, false]);
  return result.errors[0]?.["code"];
}

describe("waybill lint", () => {
  test("says that a valid file is valid", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS });
    expect(await spawnCli(["lint"], { cwd })).toEqual({
      exitCode: 0,
      stdout: "waybill.yaml: valid, no errors\n",
      stderr: "",
    });
    expect((await lintJson([], { cwd })).result).toEqual({ valid: true, errors: [], warnings: [] });
  });

  test("lists all errors of a file with their places, for a program", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": BROKEN });
    const { exitCode, result } = await lintJson([], { cwd });
    expect([exitCode, result.valid]).toEqual([2, false]);
    expect(result.errors.map(({ line, path }) => [line, path])).toEqual([
      [4, "jobs.build.steps"],
      [6, "jobs.test.depends_on[0]"],
    ]);
    for (const error of result.errors) {
      expect(Object.keys(error)).toEqual([
        "code",
        "message",
        "file",
        "line",
        "column",
        "path",
        "context",
        "suggestion",
        "help",
      ]);
      expect(error).toMatchObject({ file: "waybill.yaml", code: expect.stringMatching(/^[A-Z][A-Z0-9_]+$/) });
    }
  });

  test("shows errors to a person on stderr, and the verdict on stdout", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": BROKEN });
    const { exitCode, stdout, stderr } = await spawnCli(["lint"], { cwd });
    expect([exitCode, stdout]).toEqual([2, "waybill.yaml: invalid, 2 errors\n"]);
    expect(stderr).toContain("waybill.yaml:6:");
    expect(stderr).toContain("biuld");
  });

  test("finds the nearest file upwards", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": TWO_JOBS, "a/b/c.txt": "" });
    expect((await spawnCli(["lint"], { cwd: join(cwd, "a/b") })).stdout).toBe("../../waybill.yaml: valid, no errors\n");
  });

  test("prefers waybill.yaml to its hidden form, and a nearer file to both", async () => {
    const cwd = await temporaryProject({
      ".waybill.yaml": BROKEN,
      "waybill.yaml": TWO_JOBS,
      "a/.waybill.yaml": TWO_JOBS,
    });
    expect((await spawnCli(["lint"], { cwd })).stdout).toContain("waybill.yaml: valid");
    expect((await spawnCli(["lint"], { cwd: join(cwd, "a") })).stdout).toBe(".waybill.yaml: valid, no errors\n");
  });

  test("takes a directory for the pipeline file in it", async () => {
    const cwd = await temporaryProject({ "a/waybill.yaml": TWO_JOBS });
    expect((await spawnCli(["lint", "a"], { cwd })).stdout).toBe("a/waybill.yaml: valid, no errors\n");
  });

  test("reads standard input for -", async () => {
    const cwd = await temporaryProject();
    expect((await spawnCli(["lint", "-"], { cwd, input: TWO_JOBS })).stdout).toBe("<stdin>: valid, no errors\n");
  });

  test("checks all files, also after one that cannot be read", async () => {
    const cwd = await temporaryProject({ "a.yaml": BROKEN, "c.yaml": TWO_JOBS });
    const { exitCode, result } = await lintJson(["a.yaml", "b.yaml", "c.yaml"], { cwd });
    expect(exitCode).toBe(2);
    expect(result.errors.map(({ file }) => file)).toEqual(["a.yaml", "a.yaml", "b.yaml"]);
    expect(result.errors[2]).toMatchObject({ code: "CLI_FILE_NOT_FOUND", line: 0, column: 0 });
  });

  test("without any pipeline file says how to make one", async () => {
    const cwd = await temporaryProject();
    const { exitCode, stderr } = await spawnCli(["lint"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("error[CLI_NO_PIPELINE]");
    expect(stderr).toContain("waybill init");
  });

  test("refuses what has no contents to check", async () => {
    const cwd = await temporaryProject({ "empty-directory/x": "" });
    execFileSync("mkfifo", [join(cwd, "pipe.yaml")]);
    const server = createServer().listen(join(cwd, "socket.yaml"));
    onTestFinished(() => void server.close());
    expect(await firstError(["pipe.yaml"], { cwd })).toBe("CLI_FILE_NOT_REGULAR");
    expect(await firstError(["socket.yaml"], { cwd })).toBe("CLI_FILE_NOT_REGULAR");
    expect(await firstError(["/dev/null"], { cwd })).toBe("CLI_FILE_NOT_REGULAR");
    expect(await firstError(["empty-directory"], { cwd })).toBe("CLI_NO_PIPELINE");
    expect(await firstError([""], { cwd })).toBe("CLI_FILE_NOT_FOUND");
  });

  test("refuses files and input that are too large without reading them all", async () => {
    const cwd = await temporaryProject({ "huge.yaml": "" });
    await truncate(join(cwd, "huge.yaml"), 2 ** 40);
    expect(await firstError(["huge.yaml"], { cwd })).toBe("CLI_FILE_TOO_LARGE");
    expect(await firstError(["-"], { cwd, input: Buffer.alloc(9 * 1024 * 1024, "#") })).toBe("CLI_FILE_TOO_LARGE");
  });

  test("names the reason where a file cannot be read", async () => {
    const cwd = await temporaryProject({ file: "" });
    await symlink("loop.yaml", join(cwd, "loop.yaml"));
    const { result } = await lintJson(["loop.yaml", "file/waybill.yaml"], { cwd });
    expect(result.errors.map(({ code }) => code)).toEqual(["CLI_FILE_UNREADABLE", "CLI_FILE_UNREADABLE"]);
    expect(result.errors[0]?.["message"]).toContain("ELOOP");
  });

  test("looks past a directory that has the name of a pipeline file", async () => {
    const cwd = await temporaryProject({ ".waybill.yaml": TWO_JOBS });
    await mkdir(join(cwd, "waybill.yaml"));
    expect((await spawnCli(["lint"], { cwd })).stdout).toBe(".waybill.yaml: valid, no errors\n");
  });

  test.each([
    ["nothing at all", ""],
    ["binary", new Uint8Array([0, 255, 254, 1, 2, 3])],
    ["another language", "#!/bin/sh\nset -e\nfoo() { bar; }\n"],
    ["a list", "- a\n- b\n"],
    ["deep nesting", "[".repeat(20_000)],
    ["broken YAML", "name: [unclosed\njobs: {"],
  ])("has a coded error for a file with %s", async (_what, contents) => {
    const cwd = await temporaryProject({ "waybill.yaml": contents });
    expect(await firstError([], { cwd })).toMatch(/^[A-Z][A-Z0-9]+_[A-Z0-9_]+$/);
  });
});

describe("variables of a command", () => {
  const USES_BRANCH = TWO_JOBS.replace("echo testing", "echo ${BRANCH}");

  test("come from --var and --env-file, and --var wins", async () => {
    const cwd = await temporaryProject({
      "waybill.yaml": USES_BRANCH,
      "ci.env": '# comment\nexport BRANCH="from file"\n',
    });
    const plan = async (...args: string[]): Promise<unknown> => {
      const { stdout } = await spawnCli(["plan", "--json", ...args], { cwd });
      return JSON.parse(stdout).jobs.test.steps[0].script;
    };
    expect((await spawnCli(["lint"], { cwd })).exitCode).toBe(2);
    expect(await plan("--env-file", "ci.env")).toEqual(["echo from file"]);
    expect(await plan("--env-file", "ci.env", "--var", "BRANCH=a", "--var", "BRANCH=b=c")).toEqual(["echo b=c"]);
    expect(await plan("--var", "BRANCH=")).toEqual(["echo "]);
  });

  test.each([
    [["--var", "BRANCH"], "CLI_VARIABLE_INVALID"],
    [["--var", "=x"], "CLI_VARIABLE_INVALID"],
    [["--var", "1ST=x"], "CLI_VARIABLE_INVALID"],
    [["--var", "A-B=x"], "CLI_VARIABLE_INVALID"],
    [["--env-file", "missing.env"], "CLI_FILE_NOT_FOUND"],
    [["--env-file", "bad.env"], "CLI_ENV_FILE_INVALID"],
    [["--env-file", "."], "CLI_FILE_NOT_REGULAR"],
  ])("%s are refused with %s", async (args, code) => {
    const cwd = await temporaryProject({ "waybill.yaml": USES_BRANCH, "bad.env": "A.B=1\n" });
    const { exitCode, stderr } = await spawnCli(["lint", ...args], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`error[${code}]`);
  });
});
