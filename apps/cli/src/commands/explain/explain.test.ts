import { errorRegistry } from "@waybill/core";
import { describe, expect, test } from "vitest";
import { spawnCli } from "../../testing/spawn-cli.ts";

const cwd = "/";

describe("waybill explain", () => {
  test("tells of one code, in whatever case it is written", async () => {
    const { exitCode, stdout } = await spawnCli(["explain", "cli-no_Pipeline"], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("CLI_NO_PIPELINE: There is no pipeline file here");
    expect(stdout).toContain("What to do");
    expect(stdout).toContain("See docs/reference/cli.md#pipeline-files");
  });

  test("gives a program one code", async () => {
    const { stdout } = await spawnCli(["explain", "INTERNAL", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ code: "INTERNAL", severity: "error", exit_code: 3, http_status: 500 });
  });

  test("suggests the code that was meant", async () => {
    const { exitCode, stdout, stderr } = await spawnCli(["explain", "CLI_NO_PIPLINE"], { cwd });
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Did you mean CLI_NO_PIPELINE?");
  });

  test.each(["__proto__", "constructor", ""])("knows no code %j", async (code) => {
    const { exitCode, stderr } = await spawnCli(["explain", code], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("CLI_UNKNOWN_ERROR_CODE");
  });

  test("without a code lists all of them", async () => {
    const text = await spawnCli(["explain"], { cwd });
    const json = await spawnCli(["explain", "--json"], { cwd });
    const { errors } = JSON.parse(json.stdout) as { errors: { code: string }[] };
    expect(errors.map(({ code }) => code)).toEqual(Object.keys(errorRegistry));
    for (const { code } of errors) expect(text.stdout).toContain(`  ${code} `);
  });
});
