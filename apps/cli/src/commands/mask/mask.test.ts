import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { CLI, spawnCli, type CliResult } from "../../testing/spawn-cli.ts";
import { temporaryProject } from "../../testing/temporary-project.ts";

async function mask(secrets: string, input: string | Uint8Array): Promise<CliResult> {
  const cwd = await temporaryProject({ secrets });
  return spawnCli(["mask", "--secrets", "secrets"], { cwd, input });
}

describe("waybill mask", () => {
  test("masks the secrets of a file of lines", async () => {
    const { exitCode, stdout, stderr } = await mask("hunter22\r\n\npa ss\n", "user:hunter22 <pa ss> aHVudGVyMjI=\n");
    expect([exitCode, stdout, stderr]).toEqual([0, "user:*** <***> ***\n", ""]);
  });

  test("masks secrets of several lines, given as JSON", async () => {
    const { stdout } = await mask(' ["first line\\nsecond"]', "a first line\nsecond b\n");
    expect(stdout).toBe("a *** b\n");
  });

  test("passes on at once what cannot be a secret", async () => {
    const cwd = await temporaryProject({ secrets: "hunter22" });
    const args = [...CLI.slice(1), "mask", "--secrets", "secrets"];
    const child = spawn(CLI[0], args, { cwd, stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.write("before hunt");
    const [first] = (await once(child.stdout, "data")) as [Buffer];
    expect(first.toString()).toBe("before ");
    child.stdin.end("er22 after");
    const [second] = (await once(child.stdout, "data")) as [Buffer];
    expect(second.toString()).toBe("*** after");
    await once(child, "close");
  });

  test("says that an empty file masks nothing", async () => {
    const { exitCode, stdout, stderr } = await mask("\n", "text");
    expect([exitCode, stdout]).toEqual([0, "text"]);
    expect(stderr).toContain("warning: there are no secrets");
  });

  test.each([
    ["a short secret", "long enough\nabc", "MASKING_SECRET_TOO_SHORT"],
    ["broken JSON", '["long enough', "MASKING_SECRETS_INVALID"],
    ["JSON that is no list of texts", '["long enough", 17]', "MASKING_SECRETS_INVALID"],
    ["too much", "long enough\n".repeat(20_000), "MASKING_SECRETS_TOO_LARGE"],
  ])("refuses %s without a word of the secrets or the input", async (_name, secrets, code) => {
    const { exitCode, stdout, stderr } = await mask(secrets, "input");
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).not.toMatch(/long enough|abc\b/);
  });

  test("needs to be told the secrets", async () => {
    const { exitCode, stderr } = await spawnCli(["mask"], { cwd: await temporaryProject() });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--secrets");
  });
});
