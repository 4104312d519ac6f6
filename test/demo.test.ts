import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "./support/repository.ts";
import { describeWith } from "./support/requires.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";
import { runCommand } from "./support/waybill.ts";

describeWith("git", "script/demo", () => {
  test("serves, pushes, follows the run to its green end, and leaves nothing behind", async () => {
    const temporary = await temporaryDirectory();
    const args = ["--exit", "--plain", "--executor", "process"];
    const { exitCode, stdout, stderr } = await runCommand(join(repositoryRoot, "script/demo"), args, {
      cwd: temporary,
      environment: { TMPDIR: temporary },
    });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toMatch(/remote: waybill: run 1 of storefront: http:\S+\/runs\/[0-9a-f-]{36}/);
    expect(stdout).toMatch(/^smoke-test +success/m);
    expect(stdout).toMatch(/^Run 1 of storefront: success in /m);
    expect(stdout).toMatch(/^Artifacts: waybill artifacts get 1 /m);
    expect(stdout).toMatch(/http:\S+\/sign-in\?return_to=\/runs\/[\w-]+#\S+/);
    expect(readdirSync(temporary).filter((name) => name.startsWith("tmp."))).toEqual([]);
  });

  test("says how it is called", async () => {
    const help = await runCommand(join(repositoryRoot, "script/demo"), ["--what"], { cwd: "/" });
    expect(help).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Usage: script/demo") });
  });
});
