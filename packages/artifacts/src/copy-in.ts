import { constants } from "node:fs";
import { copyFile, lstat, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { hasSystemCode } from "@waybill/core";
import { forEachParallel } from "./parallel.ts";

const COPY_FLAGS = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;

/**
 * Copies a saved artifact into a workspace. What is in the way is replaced; a link in the way (the project may have
 * one, leading anywhere) is itself replaced, never followed: a name is only ever created where there was none.
 */
export async function copyIn(source: string, workspace: string): Promise<void> {
  const open = [""];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    const entries = await readdir(join(source, directory), { withFileTypes: true });
    await forEachParallel(entries, async (entry) => {
      const path = join(directory, entry.name);
      const destination = join(workspace, path);
      if (entry.isDirectory()) {
        await makeDirectory(destination);
        open.push(path);
      } else if (entry.isSymbolicLink()) {
        const target = await readlink(join(source, path));
        await createOver(destination, () => symlink(target, destination));
      } else {
        await createOver(destination, () => copyFile(join(source, path), destination, COPY_FLAGS));
      }
    });
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!hasSystemCode(error, "EEXIST")) throw error;
    if ((await lstat(path)).isDirectory()) return;
    await rm(path);
    await mkdir(path);
  }
}

/** `create` must fail where there is something already; only then does it cost a second look. */
async function createOver(path: string, create: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!hasSystemCode(error, "EEXIST")) throw error;
    await rm(path, { recursive: true });
    await create();
  }
}
