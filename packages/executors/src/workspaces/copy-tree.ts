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
 * the blocks of files are shared where the file system can (reflink).
 *
 * @param source absolute, byte string
 * @param target absolute, byte string
 * @param vanished what to do about an entry that is not there any more: people edit a project while it is copied, and
 *   then it is as if it had never been there; a snapshot nobody edits, so it is damaged
 * @throws the system error `ENOENT` for a vanished entry that is to `fail`, any other system error
 */
export async function copyTree(
  source: string,
  target: string,
  manifest: Manifest,
  vanished: "skip" | "fail",
): Promise<void> {
  const isPassedOver = (error: unknown): boolean => vanished === "skip" && systemErrorCode(error) === "ENOENT";
  let sliceEnd = performance.now() + SLICE_MS;
  for (const { path } of manifest.directories) mkdirSync(toPath(`${target}/${path}`), { mode: 0o700 });
  const large: string[] = [];
  for (const { path, sizeBytes } of manifest.files) {
    if (sizeBytes > MAX_SYNC_BYTES) large.push(path);
    else
      unless(isPassedOver, () =>
        copyFileSync(toPath(`${source}/${path}`), toPath(`${target}/${path}`), constants.COPYFILE_FICLONE),
      );
    if (performance.now() > sliceEnd) {
      await setImmediate();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
  for (const path of manifest.links) {
    unless(isPassedOver, () => {
      const link = readlinkSync(toPath(`${source}/${path}`), { encoding: "latin1" });
      symlinkSync(toPath(link), toPath(`${target}/${path}`));
    });
  }
  if (large.length > 0) await copyLarge(source, target, large, isPassedOver);
  // Last and from the inside out: a directory may be read-only.
  for (const { path, mode } of manifest.directories.toReversed()) chmodSync(toPath(`${target}/${path}`), mode);
}

function unless(isPassedOver: (error: unknown) => boolean, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isPassedOver(error)) throw error;
  }
}

async function copyLarge(
  source: string,
  target: string,
  paths: readonly string[],
  isPassedOver: (error: unknown) => boolean,
): Promise<void> {
  const queue = paths.values();
  const worker = async (): Promise<void> => {
    for (const path of queue) {
      try {
        await copyFile(toPath(`${source}/${path}`), toPath(`${target}/${path}`), constants.COPYFILE_FICLONE);
      } catch (error) {
        if (!isPassedOver(error)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_COPIES }, worker));
}
