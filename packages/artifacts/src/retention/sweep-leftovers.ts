import { access, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasSystemCode } from "@waybill/core";
import type { Layout } from "../content/layout.ts";
import { makeDirectories } from "../content/layout.ts";
import { namesIn } from "../content/tree.ts";

/** What takes longer than this between two writes is not coming back. */
export const IN_FLIGHT_MS = 3_600_000;

const QUARANTINE_MS = 30 * 24 * 3_600_000;
const REMOVED = /^removed-([0-9a-f]{64})-/;

/**
 * Clears away what crashes left: files that were being written, and content on its way out, which goes back where
 * somebody had come to rely on it in the last moment.
 *
 * @returns number of files removed
 */
export async function sweepTemporary(layout: Layout, now: number): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(layout.temporary)) {
    const path = join(layout.temporary, name);
    const mtime = await mtimeOf(path);
    if (mtime === null) continue;
    const [, hash] = REMOVED.exec(name) ?? [];
    if (hash !== undefined && now - mtime < 2 * IN_FLIGHT_MS && (await isMissing(layout.contentOf(hash)))) {
      // Left alone while the process that moved it may still decide.
      if (now - (await changedAt(path)) > 60_000) await putBack(layout, path, hash);
      continue;
    }
    if (now - mtime < IN_FLIGHT_MS) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

/** @returns hashes of damaged contents whose time in quarantine is over */
export async function sweepQuarantine(layout: Layout, now: number): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await namesIn(layout.quarantine)) {
    if (name.endsWith(".json")) continue;
    if (now - (await changedAt(join(layout.quarantine, name))) < QUARANTINE_MS) continue;
    await rm(join(layout.quarantine, name), { force: true });
    await rm(join(layout.quarantine, `${name}.json`), { force: true });
    removed.push(name);
  }
  return removed;
}

async function putBack(layout: Layout, path: string, hash: string): Promise<void> {
  await makeDirectories(dirname(layout.contentOf(hash)));
  await rename(path, layout.contentOf(hash));
}

async function isMissing(path: string): Promise<boolean> {
  try {
    await access(path);
    return false;
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return true;
    throw error;
  }
}

async function mtimeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return null;
    throw error;
  }
}

/** When it was last moved or written, which nobody can set. */
async function changedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).ctimeMs;
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
