import { mkfifo } from "./mkfifo.ts";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { waybill, type CommandResult } from "../support/waybill.ts";
import { jobLines, projectOf, projectRunning } from "./project.ts";

const VALID = ["name: x", "jobs:", ...jobLines("true"), ""].join("\n");

/** No stack trace, no defect of ours, and no control character but line breaks. */
function expectCivil({ stdout, stderr }: CommandResult): void {
  expect(stderr).not.toMatch(/INTERNAL|\n\s+at /);
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
}

describe("a pipeline file", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["that is empty", "", "YAML_EMPTY"],
    ["of comments only", "# one\n# two\n", "YAML_EMPTY"],
    ["that is not UTF-8", Uint8Array.of(0x6e, 0x3a, 0x20, 0xff, 0xfe), "YAML_NOT_UTF8"],
    ["larger than 8 MiB", "#".repeat(8 * 1024 * 1024 + 1), "CLI_FILE_TOO_LARGE"],
    ["indented with tabs", VALID.replaceAll("  ", "\t"), "YAML_TAB_INDENT"],
    ["nested ever deeper", `x-a: ${"[".repeat(100_000)}\n`, "YAML_TOO_DEEP"],
    ["with an escape sequence", "name: a\u001b[2Jb\n", "YAML_CONTROL_CHARACTER"],
    ["with a key twice", `name: y\n${VALID}`, "YAML_DUPLICATE_KEY"],
    ["of two documents", `${VALID}---\n${VALID}`, "YAML_SEVERAL_DOCUMENTS"],
    ["that holds itself", `x-a: &a [*a]\n${VALID}`, "YAML_RECURSIVE_ALIAS"],
    ["merging a number", `<<: 5\n${VALID}`, "YAML_BAD_MERGE"],
    ["that is a number", "3", "PIPELINE_NOT_A_MAP"],
    ["with nothing in it", "name:\njobs:\n", "PIPELINE_WITHOUT_JOBS"],
    ["with variables in a circle", `global_env: {A: "\${B}", B: "\${A}"}\n${VALID}`, "VARIABLE_CIRCULAR"],
  ])("%s is refused by name", async (_what, text, code) => {
    const result = await waybill(["lint"], { cwd: await projectOf(text) });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(`error[${code}]`);
    expectCivil(result);
  });

  test("with aliases that multiply is refused before they do", async () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const items =
        level === 0
          ? "1,1,1,1,1,1,1,1,1"
          : Array(9)
              .fill(`*a${level - 1}`)
              .join(",");
      return `x-${level}: &a${level} [${items}]`;
    });
    const result = await waybill(["lint"], { cwd: await projectOf(`${levels.join("\n")}\n${VALID}`) });
    expect(result.stderr).toContain("error[YAML_ALIAS_EXPANSION]");
  });

  test("with variables that multiply is refused before they do", async () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      level === 0 ? "  A0: xxxxxxxxxx" : `  A${level}: "${`\${A${level - 1}}`.repeat(10)}"`,
    );
    const text = ["global_env:", ...levels, VALID.replace('"true"', '"echo ${A29}"')].join("\n");
    const result = await waybill(["lint"], { cwd: await projectOf(text) });
    expect(result.stderr).toContain("error[VARIABLE_TEXT_TOO_LARGE]");
  });

  test("may begin with a byte order mark and end its lines as Windows does", async () => {
    const { exitCode } = await waybill(["lint"], { cwd: await projectOf(`\ufeff${VALID.replaceAll("\n", "\r\n")}`) });
    expect(exitCode).toBe(0);
  });

  test("repeats a name of a megabyte in no problem", async () => {
    const keys = Array.from({ length: 500 }, (_, key) => `    k${key}: 1`);
    const text = ["name: x", "jobs:", `  ? ${"n".repeat(1_000_000)}`, "  :", "    steps: []", ...keys].join("\n");
    const cwd = await projectOf(text);
    const { stderr } = await waybill(["lint"], { cwd });
    expect(stderr.length).toBeLessThan(1_000_000);
    const { stdout } = await waybill(["lint", "--json"], { cwd });
    expect(stdout.length).toBeLessThan(1_500_000);
  });

  test("of ten thousand jobs is checked, planned, drawn, and one of its jobs is run", async () => {
    const jobs = Array.from({ length: 10_000 }, (_, job) => `  j${job}: {steps: [{name: s, script: ["true"]}]}`);
    const cwd = await projectOf(["name: many", "jobs:", ...jobs].join("\n"));
    for (const args of [["lint"], ["plan"], ["graph"], ["run", "--job", "j7777"]]) {
      expect(await waybill(args, { cwd })).toMatchObject({ exitCode: 0, stderr: "" });
    }
  });

  test("cannot steer the terminal by the names in it", async () => {
    const evil = "\\e[31mred\\e]0;title\\a\\u202e\\x9b2J";
    const text = `name: "${evil}"\njobs:\n  main: {steps: [{name: "${evil}", script: ["printf '\\\\033[2J\\\\033]0;t\\\\007'; exit 3"]}]}\n`;
    const cwd = await projectOf(text);
    for (const args of [["lint"], ["plan"], ["graph"], ["run", "--plain"], ["runs"], ["logs", "1"]]) {
      expectCivil(await waybill(args, { cwd }));
    }
  });
});

describe("the file argument", () => {
  test("is never waited for and never followed in circles", async () => {
    const cwd = await temporaryDirectory();
    mkfifo(join(cwd, "pipe"));
    await symlink("loop", join(cwd, "loop"));
    for (const [file, code] of [
      ["pipe", "CLI_FILE_NOT_REGULAR"],
      ["/dev/zero", "CLI_FILE_NOT_REGULAR"],
      ["loop", "CLI_FILE_UNREADABLE"],
      ["missing.yaml", "CLI_FILE_NOT_FOUND"],
      ["", "CLI_FILE_NOT_FOUND"],
      ["a/".repeat(3000), "CLI_FILE_UNREADABLE"],
    ] as const) {
      const result = await waybill(["lint", file], { cwd });
      expect([result.exitCode, result.stderr]).toEqual([2, expect.stringContaining(code)]);
    }
  });

  test("may have any name, which is shown harmless", async () => {
    const cwd = await temporaryDirectory();
    const name = "evil\u001b[2J\u0007.yaml";
    await writeFile(join(cwd, name), VALID);
    const valid = await waybill(["lint", name], { cwd });
    expect(valid.exitCode).toBe(0);
    expectCivil(valid);
    for (const command of ["lint", "plan", "run"]) expectCivil(await waybill([command, `missing-${name}`], { cwd }));
  });

  test("that names the root's own pipeline does not copy the machine", async () => {
    const result = await waybill(["run", "-"], { cwd: "/", input: VALID });
    expect([result.exitCode, result.stderr]).toEqual([2, expect.stringContaining("CLI_PROJECT_IS_ROOT")]);
  });
});

test.each(["a b", "q\"uo'te", "new\nline", "日本😀", "$(touch x)", "-rf", "back\\slash", "%s;&|"])(
  "a project may lie in a directory called %j",
  async (name) => {
    const parent = await temporaryDirectory();
    const cwd = join(parent, name);
    await mkdir(cwd);
    await rename(join(await projectRunning('pwd > /dev/null; echo "ran"'), "waybill.yaml"), join(cwd, "waybill.yaml"));
    expect((await waybill(["run"], { cwd })).exitCode).toBe(0);
    expect((await waybill(["logs", "latest"], { cwd })).stdout).toBe("main | ran\n");
  },
);
