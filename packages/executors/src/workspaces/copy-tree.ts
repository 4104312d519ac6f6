import { chmodSync, constants, copyFileSync, mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { toPath } from "../files/byte-path.ts";
import { systemErrorCode } from "../files/hostile-file.ts";
import type { Manifest } from "./manifest.ts";

/** The event loop gets its turn this often while small files are copied. */
const SLICE_MS = 2;
/** Larger files are copied by the thread pool: on a file system without reflinks they take long. */
const MAX_SYNC_BYTES = 262_144;
/** As many as the thread pool has threads. */
const PARALLEL_COPIES = 4;

/**
 * Copies what `manifest` lists into a directory that is there and empty. Modes are kept, links stay what they are, and
 * the blocks of files are shared where the file system can (reflink). A file that has vanished is passed over.
 *
 * @param source absolute, byte string
 * @param target absolute, byte string
 */
export async function copyTree(source: string, target: string, manifest: Manifest): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  for (const { path } of manifest.directories) mkdirSync(toPath(`${target}/${path}`), { mode: 0o700 });
  const large: string[] = [];
  for (const { path, sizeBytes } of manifest.files) {
    if (sizeBytes > MAX_SYNC_BYTES) large.push(path);
    else copySmall(toPath(`${source}/${path}`), toPath(`${target}/${path}`));
    if (performance.now() > sliceEnd) {
      await setImmediate();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
  for (const path of manifest.links) {
    const link = readlinkSync(toPath(`${source}/${path}`), { encoding: "latin1" });
    symlinkSync(toPath(link), toPath(`${target}/${path}`));
  }
  if (large.length > 0) await copyLarge(source, target, large);
  // Last and from the inside out: a directory may be read-only.
  for (const { path, mode } of manifest.directories.toReversed()) chmodSync(toPath(`${target}/${path}`), mode);
}

function copySmall(source: string | Buffer, target: string | Buffer): void {
  try {
    copyFileSync(source, target, constants.COPYFILE_FICLONE);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
}

async function copyLarge(source: string, target: string, paths: readonly string[]): Promise<void> {
  const queue = paths.values();
  const worker = async (): Promise<void> => {
    for (const path of queue) {
      try {
        await copyFile(toPath(`${source}/${path}`), toPath(`${target}/${path}`), constants.COPYFILE_FICLONE);
      } catch (error) {
        if (systemErrorCode(error) !== "ENOENT") throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_COPIES }, worker));
}
