import { readdir, readlink } from "node:fs/promises";
import { join, relative } from "node:path";

/** Everything below a directory, sorted: `path` of a file, `path/` of a directory, `path -> target` of a link. */
export async function listTree(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const absolute = join(entry.parentPath, entry.name);
    const path = relative(directory, absolute);
    if (entry.isSymbolicLink()) return `${path} -> ${await readlink(absolute)}`;
    return entry.isDirectory() ? `${path}/` : path;
  });
  return (await Promise.all(lines)).toSorted();
}
