import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../support/repository.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { runCommand, waybill } from "../support/waybill.ts";
import { leftDirectories } from "./leftovers.ts";
import { mkfifo } from "./mkfifo.ts";
import { projectRunning } from "./project.ts";

const program = join(repositoryRoot, "apps/cli/dist/waybill.js");

/** Runs the command line from a shell, for what only redirections can do. `$@` stands for it. */
function inShell(line: string, cwd: string): ReturnType<typeof runCommand> {
  return runCommand("sh", ["-c", line, "sh", process.execPath, "--", program], { cwd });
}

describe("an argument that is wrong", () => {
  test.each([
    [["runn"], "CLI_UNKNOWN_COMMAND"],
    [["run", "--nope"], "CLI_UNKNOWN_OPTION"],
    [["run", "--var"], "CLI_USAGE"],
    [["run", "--var", "=x"], "CLI_VARIABLE_INVALID"],
    [["run", "--var", "a"], "CLI_VARIABLE_INVALID"],
    [["run", "--var", "1a=2"], "CLI_VARIABLE_INVALID"],
    [["run", "--env-file", "missing"], "CLI_FILE_NOT_FOUND"],
    [["run", "--env-file", "/dev/zero"], "CLI_FILE_NOT_REGULAR"],
    [["run", "--concurrency", "0"], "CLI_USAGE"],
    [["run", "--concurrency", "-1"], "CLI_USAGE"],
    [["run", "--concurrency", "1e9"], "CLI_USAGE"],
    [["run", "--job", "nope"], "RUN_UNKNOWN_JOB"],
    [["run", "--job", ""], "RUN_UNKNOWN_JOB"],
    [["logs", "99"], "CLI_RUN_NOT_FOUND"],
    [["explain", "__proto__"], "CLI_UNKNOWN_ERROR_CODE"],
  ])("%j is refused by name", async (args, code) => {
    const result = await waybill(args, { cwd: await projectRunning("true") });
    expect([result.exitCode, result.stderr]).toEqual([2, expect.stringContaining(`error[${code}]`)]);
  });

  test("is shown harmless, and no longer than a person reads", async () => {
    const cwd = await projectRunning("true");
    const argument = `\u001b[2J\u001b]0;t\u0007${"x".repeat(100_000)}`;
    for (const args of [[argument], ["run", "--job", argument], ["run", "--var", argument], ["explain", argument]]) {
      const { stderr } = await waybill(args, { cwd });
      // oxlint-disable-next-line no-control-regex -- control characters are what this is about
      expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
      expect(stderr.length).toBeLessThan(10_000);
    }
  });
});

test("a variable may hold anything but NUL", async () => {
  const cwd = await projectRunning('printf "%s" "$V"');
  await waybill(["run", "--var", "V=a=b\n'c' \"d\" $(e)"], { cwd });
  expect((await waybill(["logs", "1", "main"], { cwd })).stdout).toBe("a=b\n'c' \"d\" $(e)\n");
});

describe("output that nobody takes", () => {
  test.each(["--help", "lint", "plan", "graph", "run", "run --json", "explain", "schema"])(
    "of %s does no harm where it is closed",
    async (command) => {
      const cwd = await projectRunning("true");
      const results = await Promise.all(
        [">&-", "2>&-", ">&- 2>&-", ">&- 2>&- <&-"].map((closed) => inShell(`"$@" ${command} ${closed}`, cwd)),
      );
      expect(results.map((result) => result.exitCode)).toEqual([0, 0, 0, 0]);
      expect(results.map((result) => result.stderr).join("")).toBe("");
    },
  );

  test("because the reader has seen enough is no error", async () => {
    const { stdout, stderr } = await inShell('"$@" explain | head -n 1', await projectRunning("true"));
    expect([stdout.split("\n").length, stderr]).toEqual([2, ""]);
  });

  test("because the disk is full is told as that", async () => {
    const { exitCode, stderr } = await inShell('"$@" plan >/dev/full', await projectRunning("true"));
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("error[CLI_OUTPUT_FAILED]")]);
  });
});

describe("a directory that was removed", () => {
  test("is told as that where a command needs one", async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, "gone"));
    const { exitCode, stderr } = await inShell('cd gone && rmdir ../gone && "$@" run', cwd);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^error\[CLI_NO_WORKING_DIRECTORY\]/)]);
  });

  test("does not matter to a command that needs none", async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, "gone"));
    expect((await inShell('cd gone && rmdir ../gone && "$@" --version', cwd)).exitCode).toBe(0);
  });
});

test("runs without HOME and with nothing else in the environment", async () => {
  const cwd = await projectRunning("true");
  expect((await runCommand("env", ["-i", process.execPath, "--", program, "run"], { cwd })).exitCode).toBe(0);
});

describe("the .waybill directory", () => {
  test.each<[string, (path: string) => Promise<unknown>, string]>([
    ["is a file", (path) => writeFile(path, ""), "STORE_CANNOT_OPEN"],
    ["is a link to nowhere", (path) => symlink("nowhere", path), "CLI_FILE_UNWRITABLE"],
    ["has a directory as its database", (path) => mkdir(join(path, "waybill.db"), { recursive: true }), "STORE_"],
    [
      "has another file as its database",
      (path) => fileIn(path, "waybill.db", "x".repeat(10_000)),
      "STORE_NOT_A_DATABASE",
    ],
    ["has a file for its workspaces", (path) => fileIn(path, "workspaces", ""), "WORKSPACE_UNUSABLE"],
  ])("that %s ends the run with an error of the infrastructure", async (_what, spoil, code) => {
    const cwd = await projectRunning("true");
    await spoil(join(cwd, ".waybill"));
    const { exitCode, stderr } = await waybill(["run"], { cwd });
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining(`error[${code}`)]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test("that has no room for logs fails the job, says so and leaves nothing running", async () => {
    const cwd = await projectRunning("echo hello");
    await fileIn(join(cwd, ".waybill"), "logs", "");
    const { exitCode, stdout } = await waybill(["run"], { cwd });
    expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/main \* failed in .*: Reading or writing/)]);
    expect(leftDirectories(cwd)).toEqual([]);
  });
});

test("eight runs at once in one project are eight runs", async () => {
  const cwd = await projectRunning("true");
  const results = await Promise.all(Array.from({ length: 8 }, () => waybill(["run"], { cwd })));
  expect(results.filter(({ exitCode }) => exitCode !== 0)).toEqual([]);
  const listed = (await waybill(["runs"], { cwd })).stdout.match(/^\d+ .* success /gm);
  expect(listed).toHaveLength(8);
});

test("several files of variables all count, a later one over an earlier one", async () => {
  const cwd = await projectRunning('echo "$A $B"');
  await writeFile(join(cwd, "first"), "A=first\nB=first\n");
  await writeFile(join(cwd, "second"), "B=second\n");
  await waybill(["run", "--env-file", "first", "--env-file", "second"], { cwd });
  expect((await waybill(["logs", "1", "main"], { cwd })).stdout).toBe("first second\n");
});

test("a pipe for variables is refused, not waited for", async () => {
  const cwd = await projectRunning("true");
  mkfifo(join(cwd, "pipe"));
  expect((await waybill(["run", "--env-file", "pipe"], { cwd })).stderr).toContain("CLI_FILE_NOT_REGULAR");
});

async function fileIn(directory: string, name: string, text: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, name), text);
}
