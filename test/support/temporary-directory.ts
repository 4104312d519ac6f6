import { chmod, cp, lstat, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An empty directory that is removed when the running test ends. Its path has no links in it. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(await realpath(tmpdir()), "waybill-test-"));
  onTestFinished(() => removeTree(directory));
  return directory;
}

/** A copy of a directory without what tools leave in it; removed when the running test ends. */
export async function temporaryCopy(source: string, exclude: readonly string[] = LEFTOVERS): Promise<string> {
  const directory = await temporaryDirectory();
  await cp(source, directory, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => path === source || !exclude.includes(path.slice(path.lastIndexOf("/") + 1)),
  });
  return directory;
}

/** What no copy of a project needs: it is made again by setup, build and runs. */
export const LEFTOVERS: readonly string[] = [
  ".cache",
  ".git",
  ".tools",
  ".waybill",
  "build",
  "coverage",
  "dist",
  "node_modules",
];

/** Removes a tree in which jobs may have left directories without permission to write. */
async function removeTree(directory: string): Promise<void> {
  await makeWritable(directory);
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

async function makeWritable(directory: string): Promise<void> {
  const stats = await lstat(directory);
  if ((stats.mode & 0o700) !== 0o700) await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(directory, entry.name));
  }
}
