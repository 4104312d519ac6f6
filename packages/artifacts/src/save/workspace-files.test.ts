import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WaybillError } from "@waybill/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WorkspaceFiles } from "./workspace-files.ts";

/** A workspace that changed after its files were found, which a process left behind by a job can bring about. */
let root: string;
let workspace: string;
let files: WorkspaceFiles;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "waybill-workspace-files-"));
  workspace = join(root, "workspace");
  await mkdir(workspace);
  await mkdir(join(root, "outside"));
  await writeFile(join(root, "outside/secret"), "secret");
  files = new WorkspaceFiles(workspace, "app");
});

afterEach(() => rm(root, { recursive: true }));

describe.each<[string, (path: string) => Promise<unknown>]>([
  ["read at once", async (path) => await Promise.resolve().then(() => files.readSmall(path, 100))],
  ["opened", (path) => files.open(path)],
])("a file that is %s", (_how, read) => {
  async function expectRefused(path: string): Promise<void> {
    const failure = await read(path).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WaybillError);
    expect(failure).toMatchObject({ code: "ARTIFACT_UNSAFE", message: expect.stringContaining(path) as string });
  }

  test.each(["../outside/secret", "inside"])("and became a link to %j is not followed", async (target) => {
    await writeFile(join(workspace, "inside"), "");
    await symlink(target, join(workspace, "file"));
    await expectRefused("file");
  });

  test.runIf(process.platform === "linux")("in a directory that became a link is not followed", async () => {
    await symlink("../outside", join(workspace, "directory"));
    await expectRefused("directory/secret");
  });

  test("and vanished, or became a directory, is an error and not a smaller artifact", async () => {
    await expectRefused("file");
    await mkdir(join(workspace, "directory"));
    await expectRefused("directory");
  });
});

test("a file that is larger than asked for is told of, not read", async () => {
  await writeFile(join(workspace, "file"), "12345");
  expect(files.readSmall("file", 4)).toEqual({ size: 5, executable: false, content: null });
  expect(files.readSmall("file", 5)).toEqual({ size: 5, executable: false, content: Buffer.from("12345") });
});
