import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { hasSystemCode } from "@waybill/core";
import { isContentHash } from "./hashes.ts";
import type { Layout } from "./layout.ts";

/** Hashes of all contents by walking the fan-out. What else lies there is passed over. */
export async function* listHashes(layout: Layout): AsyncGenerator<string> {
  for (const first of await namesIn(layout.contents)) {
    for (const second of await namesIn(join(layout.contents, first))) {
      for (const name of await namesIn(join(layout.contents, first, second))) {
        if (isContentHash(name) && name.startsWith(first + second)) yield name;
      }
    }
  }
}

/** What content and metadata take on disk. */
export async function countBytes(layout: Layout): Promise<number> {
  let total = 0;
  for await (const hash of listHashes(layout)) total += await sizeOf(layout.contentOf(hash));
  for (const name of await namesIn(layout.infos)) total += await sizeOf(join(layout.infos, name));
  return total;
}

export async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (hasSystemCode(error, "ENOENT") || hasSystemCode(error, "ENOTDIR")) return [];
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return 0;
    throw error;
  }
}
