import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyOut } from "./copy-out.ts";

/** A workspace that changed after its files were found, which a process left behind by a job can bring about. */
let root: string;
let workspace: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "waybill-copy-out-"));
  workspace = join(root, "workspace");
  await mkdir(workspace);
  await mkdir(join(root, "outside"));
  await writeFile(join(root, "outside/secret"), "secret");
});

afterEach(() => rm(root, { recursive: true }));

function copy(path: string): Promise<number> {
  const collected = { directories: new Set<string>(), files: [path], links: [] };
  return copyOut(workspace, "app", collected, join(root, "copy"));
}

test.each(["../outside/secret", "inside"])("a file that became a link to %j is not followed", async (target) => {
  await writeFile(join(workspace, "inside"), "");
  await symlink(target, join(workspace, "file"));
  await expect(copy("file")).rejects.toMatchObject({ code: "ARTIFACT_UNSAFE" });
});

test.runIf(process.platform === "linux")("a directory that became a link is not followed", async () => {
  await symlink("../outside", join(workspace, "directory"));
  await expect(copy("directory/secret")).rejects.toMatchObject({ code: "ARTIFACT_UNSAFE" });
});

test("a file that vanished is an error, not a smaller artifact", async () => {
  await expect(copy("file")).rejects.toMatchObject({
    code: "ARTIFACT_UNSAFE",
    message: expect.stringContaining('"file"') as string,
  });
});

test("a workspace that is itself reached through a link is copied from", async () => {
  await writeFile(join(workspace, "file"), "12345");
  await symlink("workspace", join(root, "alias"));
  const collected = { directories: new Set<string>(), files: ["file"], links: [] };
  expect(await copyOut(join(root, "alias"), "app", collected, join(root, "copy"))).toBe(5);
});
