import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifactStoreConformance, listTree } from "@waybill/engine/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openArtifactStore } from "./directory-artifact-store.ts";

artifactStoreConformance("directories", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-artifacts-"));
  return { open: () => openArtifactStore(directory), dispose: () => rm(directory, { recursive: true }) };
});

describe("directories", () => {
  let root: string;
  let workspace: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "waybill-artifacts-"));
    workspace = join(root, "workspace");
    await mkdir(workspace);
    await writeFile(join(workspace, "a"), "a");
  });

  afterEach(() => rm(root, { recursive: true }));

  function save(patterns: Record<string, string[]>): Promise<unknown> {
    return openArtifactStore(join(root, "store")).save({ runId: "run-1", jobName: "build", workspace, patterns });
  }

  test("what a crash left half saved is gone after the next save", async () => {
    await mkdir(join(root, "store/run-1/.saving-build/0"), { recursive: true });
    await writeFile(join(root, "store/run-1/.saving-build/0/half"), "");
    await mkdir(join(root, "store/run-1/.replaced-build/0"), { recursive: true });
    await save({ app: ["a"] });
    expect(await listTree(join(root, "store"))).toEqual([
      "run-1/",
      "run-1/build/",
      "run-1/build/0/",
      "run-1/build/0/a",
    ]);
  });

  test("a save that fails leaves nothing behind", async () => {
    await expect(save({ app: ["a"], other: ["missing"] })).rejects.toThrow();
    await expect(readdir(join(root, "store"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("artifacts are for this user only", async () => {
    await save({ app: ["a"] });
    expect((await stat(join(root, "store/run-1/build"))).mode & 0o777).toBe(0o700);
  });
});
