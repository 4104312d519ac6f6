import { constants } from "node:fs";
import { chmod, copyFile, mkdir, open, readlink, realpath, symlink, type FileHandle } from "node:fs/promises";
import { join, sep } from "node:path";
import { hasSystemCode, WaybillError } from "@waybill/core";
import type { Collected } from "./collect.ts";
import { forEachParallel } from "./parallel.ts";

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A copy on file systems that share blocks between copies costs no space and next to no time. */
const COPY_FLAGS = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;

/**
 * Copies what was collected from a workspace to a new directory.
 *
 * A process that the job left behind may still change the workspace. So each file is opened first, without following a
 * link, what was opened is looked at (an ordinary file? still below the workspace?), and that very file is copied:
 * through its descriptor, not by its name again.
 *
 * @returns Bytes of all files.
 */
export async function copyOut(
  workspace: string,
  artifact: string,
  collected: Collected,
  destination: string,
): Promise<number> {
  const root = await realpath(workspace);
  await mkdir(destination, { recursive: true });
  for (const path of collected.directories) await mkdir(join(destination, path));
  for (const { path, target } of collected.links) await symlink(target, join(destination, path));
  let bytes = 0;
  await forEachParallel(collected.files, async (path) => {
    const size = await copyFileOut(root, artifact, path, join(destination, path));
    bytes += size;
  });
  return bytes;
}

async function copyFileOut(root: string, artifact: string, path: string, destination: string): Promise<number> {
  const file = await openFile(root, artifact, path);
  try {
    const { mode, size } = await checkedStat(file, root, artifact, path);
    const source = process.platform === "linux" ? descriptorPath(file) : join(root, path);
    await copyFile(source, destination, COPY_FLAGS);
    // Only "executable or not" is kept; a set-user-id bit or a file nobody may read must not come back elsewhere.
    const keptMode = (mode & 0o100) === 0 ? 0o644 : 0o755;
    if ((mode & 0o7777) !== keptMode) await chmod(destination, keptMode);
    return size;
  } finally {
    await file.close();
  }
}

async function openFile(root: string, artifact: string, path: string): Promise<FileHandle> {
  try {
    return await open(join(root, path), OPEN_FLAGS);
  } catch (error) {
    if (!["ELOOP", "ENOENT", "ENOTDIR", "ENXIO"].some((code) => hasSystemCode(error, code))) throw error;
    // The name as text has a replacement character where its bytes are none, so it leads nowhere.
    const detail = path.includes("\ufffd") ? "its name is not valid UTF-8" : "it changed while it was being saved";
    throw new WaybillError("ARTIFACT_UNSAFE", { artifact, path, detail }, { cause: error });
  }
}

async function checkedStat(
  file: FileHandle,
  root: string,
  artifact: string,
  path: string,
): Promise<{ readonly mode: number; readonly size: number }> {
  const stats = await file.stat();
  const opened = process.platform === "linux" ? await readlink(descriptorPath(file)) : join(root, path);
  if (stats.isFile() && opened.startsWith(root + sep)) return stats;
  throw new WaybillError("ARTIFACT_UNSAFE", { artifact, path, detail: "it changed while it was being saved" });
}

/** On Linux this name leads to the open file itself. */
function descriptorPath(file: FileHandle): string {
  return `/proc/self/fd/${file.fd}`;
}
