import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileError, hasSystemCode, WaybillError } from "@waybill/core";
import type { ArtifactStore, SaveArtifacts, SavedArtifact } from "@waybill/engine";
import { collect } from "./collect.ts";
import { copyIn } from "./copy-in.ts";
import { copyOut } from "./copy-out.ts";
import { jobPaths, pathOfRef, type JobPaths } from "./paths.ts";

/** Artifacts as plain directories below `directory`, which is made with the first of them. */
export function openArtifactStore(directory: string): ArtifactStore {
  return new DirectoryArtifactStore(directory);
}

class DirectoryArtifactStore implements ArtifactStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async save(request: SaveArtifacts): Promise<readonly SavedArtifact[]> {
    const paths = jobPaths(this.#directory, request.runId, request.jobName);
    try {
      // Everything is found before anything is copied: what is missing is said at once.
      const collected = [];
      for (const [name, patterns] of Object.entries(request.patterns)) {
        collected.push({ name, contents: await collect(request.workspace, name, patterns) });
      }

      await rm(paths.saving, { recursive: true, force: true });
      await mkdir(paths.saving, { recursive: true, mode: 0o700 });
      const saved: SavedArtifact[] = [];
      for (const [position, { name, contents }] of collected.entries()) {
        const destination = join(paths.saving, String(position));
        const sizeBytes = await copyOut(request.workspace, name, contents, destination);
        saved.push({
          name,
          jobName: request.jobName,
          ref: `${request.runId}/${request.jobName}/${position}`,
          sizeBytes,
          fileCount: contents.files.length + contents.links.length,
        });
      }
      await publish(paths);
      return saved;
    } catch (error) {
      // The first error is the one to tell; what cannot be removed now is removed by the next save.
      await rm(paths.saving, { recursive: true, force: true }).catch(() => {});
      throw fileError(error, paths.saved);
    }
  }

  async restore(artifacts: readonly SavedArtifact[], workspace: string): Promise<void> {
    for (const artifact of artifacts) {
      const source = pathOfRef(this.#directory, artifact.ref);
      if (source === null || !(await isDirectory(source))) {
        throw new WaybillError("ARTIFACT_LOST", { artifact: artifact.name, job: artifact.jobName });
      }
      try {
        await copyIn(source, workspace);
      } catch (error) {
        throw fileError(error, workspace);
      }
    }
  }
}

/**
 * Makes what was put together the job's artifacts, by one rename. An earlier save of the job can be there only when a
 * crash came between that save and its record, so nobody has its reference and it may go.
 */
async function publish(paths: JobPaths): Promise<void> {
  await rm(paths.replaced, { recursive: true, force: true });
  try {
    await rename(paths.saved, paths.replaced);
  } catch (error) {
    if (!hasSystemCode(error, "ENOENT")) throw error;
  }
  await rename(paths.saving, paths.saved);
  await rm(paths.replaced, { recursive: true, force: true });
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return false;
    throw fileError(error, path);
  }
}
