import { createHash } from "node:crypto";
import { chownSync, lchownSync, lstatSync, readdirSync, type Dirent } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fromPath, toPath } from "../files/byte-path.ts";
import { systemErrorCode } from "../files/hostile-file.ts";

/*
 * Who a job is outside its sandbox. Where we run as an ordinary user it is us: all that we could do more is hidden by
 * the sandbox. Where we run as root that would not do: whatever only root may read would be readable to it wherever it
 * is shown. So then every workspace has a user of its own, of a range nothing else uses.
 */

/** Behind what systemd gives to containers, before what a signed number cannot hold. */
const FIRST_ID = 1_879_048_192;
const ID_COUNT = 2 ** 27;

/** The event loop gets its turn this often. */
const SLICE_MS = 2;

/** Deeper directories are left to their owner; they are removed with the workspace. */
const MAX_PATH_BYTES = 3_000;

/** User and group that work in `workspace`; null: the ones we run as. */
export function outsideIdFor(workspace: string): number | null {
  if (process.getuid?.() !== 0) return null;
  return FIRST_ID + (createHash("sha256").update(workspace).digest().readUInt32LE(0) % ID_COUNT);
}

/**
 * Makes `to` the owner of everything below and at `path` that belongs to `from`. Links themselves, never what they lead to.
 * What belongs to anyone else stays as it is.
 *
 * @param path absolute; nothing happens where nothing is there
 */
export async function handOver(path: string, from: number, to: number): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  const open = [fromPath(path)];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    if (!give(current, from, to) || current.length > MAX_PATH_BYTES) continue;
    for (const entry of entriesOf(current)) {
      const child = `${current}/${entry.name}`;
      if (entry.isDirectory()) open.push(child);
      else give(child, from, to);
    }
    if (performance.now() > sliceEnd) {
      await setImmediate();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
}

/** False: there is nothing. */
function give(path: string, from: number, to: number): boolean {
  const status = lstatSync(toPath(path), { throwIfNoEntry: false });
  if (status === undefined) return false;
  if (status.uid !== from) return true;
  try {
    lchownSync(toPath(path), to, to);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
  return true;
}

function entriesOf(path: string): Dirent[] {
  try {
    return readEntries(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error))) return [];
    throw error;
  }
}

function readEntries(path: string): Dirent[] {
  return readdirSync(toPath(path), { withFileTypes: true, encoding: "latin1" });
}

/** For what we just made ourselves. */
export function giveTo(path: string, id: number | null): void {
  if (id !== null) chownSync(path, id, id);
}
