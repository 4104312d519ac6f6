import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { beforeEach, describe, expect, test } from "vitest";
import { spawnCli, type CliResult } from "../../testing/spawn-cli.ts";
import { temporaryProject } from "../../testing/temporary-project.ts";

describe("waybill images", () => {
  let cwd: string;
  let digest: string;

  beforeEach(async () => {
    cwd = await temporaryProject({
      "waybill.yaml": "name: x\njobs:\n  a:\n    steps:\n      - name: s\n        script: [true]\n",
    });
    mkdirSync(join(cwd, "rootfs/etc"), { recursive: true });
    writeFileSync(join(cwd, "rootfs/etc/release"), "small 1\n");
    execFileSync("tar", ["-cf", "image.tar", "-C", "rootfs", "."], { cwd });
    const content = execFileSync("cat", ["image.tar"], { cwd });
    digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  });

  async function images(...args: string[]): Promise<CliResult> {
    return await spawnCli(["images", ...args], { cwd });
  }

  test("imports, lists and removes", async () => {
    const imported = await images("import", "tools:1", "image.tar");
    expect([imported.exitCode, imported.stderr]).toEqual([0, ""]);
    expect(imported.stdout).toMatch(new RegExp(`^Imported tools:1 in .*: ${digest}\n$`));
    const listed = await images("list", "--json");
    expect(JSON.parse(listed.stdout)).toEqual({
      images: [{ name: "tools:1", digest, imported_at: expect.stringMatching(/^\d{4}-.*Z$/) as string }],
    });
    expect((await images("list")).stdout).toMatch(/^IMAGE +DIGEST +IMPORTED\ntools:1 +sha256:[0-9a-f]{12} +/);
    expect((await images("remove", "tools:1", "--json")).stdout).toBe('{"removed":"tools:1"}\n');
    expect(await images("list")).toMatchObject({ exitCode: 0, stdout: "" });
  });

  test("imports for a program, and holds the image to its digest", async () => {
    const wrong = await images("import", "tools:1", "image.tar", "--digest", `sha256:${"0".repeat(64)}`);
    expect([wrong.exitCode, wrong.stdout]).toEqual([2, ""]);
    expect(wrong.stderr).toContain("error[IMAGE_DIGEST_MISMATCH]");
    const right = await images("import", "tools:1", "image.tar", "--digest", digest, "--json");
    expect(JSON.parse(right.stdout)).toMatchObject({ image: { name: "tools:1", digest } });
  });

  test.each([
    ["a file that is not there", ["import", "tools:1", "none.tar"], 3, "IMAGE_ARCHIVE_UNREADABLE"],
    ["what is no archive", ["import", "tools:1", "waybill.yaml"], 2, "IMAGE_ARCHIVE_INVALID"],
    ["what is too large", ["import", "tools:1", "image.tar", "--max-size", "0.000001"], 2, "IMAGE_ARCHIVE_TOO_LARGE"],
    ["a name that is none", ["import", "a b", "image.tar"], 2, "IMAGE_NAME_INVALID"],
    ["to remove what is not there", ["remove", "tools:1"], 2, "IMAGE_UNKNOWN"],
  ])("refuses %s", async (_name, args, exitCode, code) => {
    const result = await images(...args);
    expect([result.exitCode, result.stdout]).toEqual([exitCode, ""]);
    expect(result.stderr).toContain(`error[${code}]`);
  });
});
