import type { SavedArtifact } from "@waybill/engine";
import { createReadStream } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import type { Services } from "../services.ts";

/**
 * An artifact as a tar archive. It is restored and with that verified before the first byte is sent: half a download
 * cannot be taken back.
 *
 * @throws WaybillError `ARTIFACT_LOST`, `ARTIFACT_CORRUPTED`
 */
export async function packArtifact(
  { artifacts, scratchDirectory }: Pick<Services, "artifacts" | "scratchDirectory">,
  artifact: SavedArtifact,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  await mkdir(scratchDirectory, { recursive: true, mode: 0o700 });
  const directory = await mkdtemp(join(scratchDirectory, "download-"));
  try {
    await artifacts.restore([artifact], directory);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return packed(directory, signal);
}

async function* packed(directory: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const done = addAll(archive, directory, "").then(
    () => archive.finalize(),
    (error: unknown) => void archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  const stop = (): void => void archive.destroy();
  signal.addEventListener("abort", stop);
  try {
    yield* archive as AsyncIterable<Uint8Array>;
  } finally {
    signal.removeEventListener("abort", stop);
    archive.destroy();
    await done;
    await rm(directory, { recursive: true, force: true });
  }
}

/** In the order of names, so that the same artifact makes the same archive. */
async function addAll(archive: Pack, root: string, prefix: string): Promise<void> {
  for (const name of (await readdir(join(root, prefix))).toSorted()) {
    if (archive.destroyed) return;
    const path = prefix + name;
    const absolute = join(root, path);
    const status = await lstat(absolute);
    const common = { name: path, mode: status.mode & 0o777, mtime: new Date(0) };
    if (status.isDirectory()) {
      archive.entry({ ...common, name: `${path}/`, type: "directory" });
      await addAll(archive, root, `${path}/`);
    } else if (status.isSymbolicLink()) {
      archive.entry({ ...common, type: "symlink", linkname: await readlink(absolute) });
    } else {
      await pipeline(createReadStream(absolute), archive.entry({ ...common, size: status.size }));
    }
  }
}
