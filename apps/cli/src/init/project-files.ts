import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readBounded } from "../files/read-bounded.ts";
import type { ProjectFiles } from "./starter.ts";

const MAX_BYTES = 1024 * 1024;

/** Subdirectories that are looked into where the project itself has nothing to build. */
const MAX_SUBDIRECTORIES = 50;

export interface ProjectDirectory {
  readonly files: ProjectFiles;
  /** Names, sorted; without hidden ones and those that hold other people's code. */
  readonly subdirectories: readonly string[];
}

/** A directory that cannot be read has nothing in it: `init` has something to write in any case. */
export async function openProjectDirectory(directory: string): Promise<ProjectDirectory> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return {
    files: {
      names: new Set(entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)),
      read: (name) => textOf(join(directory, name), name),
    },
    subdirectories: entries
      .filter((entry) => entry.isDirectory() && !/^\.|^(node_modules|vendor|dist|build|target)$/.test(entry.name))
      .map((entry) => entry.name)
      .toSorted()
      .slice(0, MAX_SUBDIRECTORIES),
  };
}

function textOf(path: string, name: string): string | null {
  try {
    return new TextDecoder().decode(readBounded(path, name, MAX_BYTES));
  } catch {
    return null;
  }
}
