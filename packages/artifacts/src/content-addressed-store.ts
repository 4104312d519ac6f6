import { access } from "node:fs/promises";
import { fileError, systemClock, WaybillError, type Clock } from "@waybill/core";
import type { ArtifactStore, ProgressListener, SaveArtifacts, SavedArtifact } from "@waybill/engine";
import { ArtifactStorageBackend } from "./content/storage-backend.ts";
import type { VerificationRecord } from "./content/verification.ts";
import { bufferSource } from "./content/write-content.ts";
import { isContentHash } from "./content/hashes.ts";
import { formatManifest, ManifestError, parseManifest } from "./manifest/format.ts";
import { manifestBytes, MANIFEST_MIME_TYPE, MAX_MANIFEST_BYTES, type Manifest } from "./manifest/manifest.ts";
import { checkNames } from "./paths.ts";
import { ContentUnavailableError, restoreFiles } from "./restore/restore-files.ts";
import { collect, type Collected } from "./save/collect.ts";
import { saveFiles, type Upload } from "./save/save-files.ts";

export interface ArtifactStoreOptions {
  readonly clock?: Clock;
  /** Quota in gibibytes, 100 where it is not given. */
  readonly maxStorageGb?: number;
  /** Told of each content that was found damaged and is read no more. */
  readonly onQuarantine?: (record: VerificationRecord) => Promise<void>;
}

/** Artifacts by their content below `directory`, which is made with the first of them. */
export function openArtifactStore(directory: string, options: ArtifactStoreOptions = {}): ContentAddressedStore {
  return new ContentAddressedStore(directory, options);
}

interface Wanted {
  readonly name: string;
  readonly contents: Collected;
}

/** The engine's artifact store: an artifact is a manifest, `ref` its hash. */
export class ContentAddressedStore implements ArtifactStore {
  readonly backend: ArtifactStorageBackend;

  constructor(directory: string, options: ArtifactStoreOptions) {
    this.backend = new ArtifactStorageBackend(directory, { clock: systemClock, ...options });
  }

  async save(request: SaveArtifacts): Promise<readonly SavedArtifact[]> {
    checkNames(request.runId, request.jobName);
    const { backend } = this;
    const stored: Upload["stored"] = [];
    try {
      // Everything is found before anything is stored: what is missing is said at once.
      const wanted: Wanted[] = [];
      for (const [name, patterns] of Object.entries(request.patterns)) {
        const contents = await collect(request.workspace, name, patterns, request.optional?.includes(name));
        if (contents !== null) wanted.push({ name, contents });
      }
      if (wanted.length === 0) return [];
      await backend.checkQuota();
      const changed = new Set<string>();
      const manifests: (readonly [Wanted, Manifest])[] = [];
      for (const each of wanted) {
        const onProgress = progressOf(each.name, request.onProgress);
        const upload = { backend, stored, changed, onProgress };
        manifests.push([each, await saveFiles(upload, request.workspace, each.name, each.contents)]);
      }
      // Manifests come when what they name is sure to stay.
      await backend.sync(changed);
      changed.clear();
      const saved: SavedArtifact[] = [];
      for (const [{ name, contents }, manifest] of manifests) {
        const about = {
          originalName: name,
          mimeType: MANIFEST_MIME_TYPE,
          metadata: { run: request.runId, job: request.jobName },
        };
        const reference = await backend.store(bufferSource(Buffer.from(formatManifest(manifest))), about, changed);
        if (reference === null) throw new Error("bytes in memory have changed");
        stored.push(reference);
        saved.push({
          name,
          jobName: request.jobName,
          ref: reference.hash,
          sizeBytes: manifestBytes(manifest),
          fileCount: contents.files.length + contents.links.length,
        });
      }
      await backend.sync(changed);
      return saved;
    } catch (error) {
      // The first error is the one to tell; what cannot be taken back now is removed by a later cleanup.
      for (const reference of stored.toReversed()) await backend.rollBack(reference).catch(() => undefined);
      throw fileError(error, backend.layout.base);
    }
  }

  async restore(artifacts: readonly SavedArtifact[], workspace: string, onProgress?: ProgressListener): Promise<void> {
    for (const artifact of artifacts) {
      const manifest = await this.manifestOf(artifact);
      const progress = progressOf(artifact.name, onProgress);
      const total = manifestBytes(manifest);
      let done = 0;
      try {
        await access(workspace);
        await restoreFiles(this.backend, manifest, workspace, (bytes) => {
          done += bytes;
          progress(done, total);
        });
        await this.backend.markAccessed(artifact.ref);
      } catch (error) {
        if (error instanceof ContentUnavailableError) throw unavailable(artifact, error.record);
        throw fileError(error, workspace);
      }
    }
  }

  /**
   * Puts one file of an artifact into a directory, under the path it has.
   * @throws WaybillError `ARTIFACT_FILE_MISSING`, `ARTIFACT_LOST`, `ARTIFACT_CORRUPTED`
   */
  async restoreFile(artifact: SavedArtifact, path: string, directory: string): Promise<void> {
    const manifest = await this.manifestOf(artifact);
    const files = manifest.files.filter((file) => file.path === path);
    if (files.length === 0) throw new WaybillError("ARTIFACT_FILE_MISSING", { path });
    const directories = manifest.directories.filter((each) => path.startsWith(`${each}/`));
    try {
      await restoreFiles(
        this.backend,
        { directories, files, links: [], packs: manifest.packs },
        directory,
        () => undefined,
      );
    } catch (error) {
      if (error instanceof ContentUnavailableError) throw unavailable(artifact, error.record);
      throw fileError(error, directory);
    }
  }

  /** @throws WaybillError `ARTIFACT_LOST`, `ARTIFACT_CORRUPTED` */
  async manifestOf(artifact: Pick<SavedArtifact, "name" | "jobName" | "ref">): Promise<Manifest> {
    const { name, jobName, ref } = artifact;
    if (!isContentHash(ref)) throw new WaybillError("ARTIFACT_LOST", { artifact: name, job: jobName });
    try {
      const { content, record } = await this.backend.readAll(ref, MAX_MANIFEST_BYTES);
      if (content === null) throw unavailable(artifact, record);
      return parseManifest(content.toString("utf8"));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw fileError(error, this.backend.layout.base);
      const detail = `its list of files cannot be used: ${error.message}`;
      throw new WaybillError("ARTIFACT_CORRUPTED", { artifact: name, job: jobName, detail }, { cause: error });
    }
  }
}

function progressOf(artifact: string, listener: ProgressListener | undefined): Upload["onProgress"] {
  return (doneBytes, totalBytes) => listener?.({ artifact, doneBytes, totalBytes });
}

function unavailable(artifact: Pick<SavedArtifact, "name" | "jobName">, record: VerificationRecord): WaybillError {
  const about = { artifact: artifact.name, job: artifact.jobName };
  const { verification_result: result, error_details: detail, expected_hash: hash } = record;
  if (result === "missing") return new WaybillError("ARTIFACT_LOST", about);
  return new WaybillError("ARTIFACT_CORRUPTED", { ...about, detail: `content ${hash.slice(0, 12)}: ${detail}` });
}
