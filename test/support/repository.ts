import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { LEFTOVERS } from "./temporary-directory.ts";

/** The checkout these tests belong to. */
export const repositoryRoot = join(import.meta.dirname, "../..");

/** Paths of all files below `directory` relative to it, without what tools leave there. Sorted. */
export function projectFiles(directory: string = repositoryRoot): string[] {
  const files: string[] = [];
  const pending = [directory];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (LEFTOVERS.includes(entry.name)) continue;
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile()) files.push(relative(directory, path));
    }
  }
  return files.toSorted();
}
