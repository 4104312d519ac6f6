import { realpath } from "node:fs/promises";
import type { ArtifactStorageBackend, ContentDescription, StoredReference } from "../content/storage-backend.ts";
import { bufferSource, fileSource } from "../content/write-content.ts";
import type { Manifest, ManifestFile } from "../manifest/manifest.ts";
import { forEachParallel } from "../parallel.ts";
import { Slices } from "../slices.ts";
import type { Collected } from "./collect.ts";
import { FEWEST_PACKED, Packer, SMALL_FILE_BYTES, smallFile, type Pack, type SmallFile } from "./packer.ts";
import { WorkspaceFiles } from "./workspace-files.ts";

/** Files above this size are stored one after the other: each keeps two cores busy by itself. */
const HUGE_BYTES = 4 * 1024 * 1024;

const MEDIUM_AT_ONCE = 4;

/** Packs waiting to be written, beside the one that is being filled: bounds the memory. */
const PACKS_AT_ONCE = 3;

/** One upload: what it has stored so far, to be taken back should it fail. */
export interface Upload {
  readonly backend: ArtifactStorageBackend;
  readonly stored: StoredReference[];
  /** Directories to be synced before the upload may be relied upon. */
  readonly changed: Set<string>;
  /** @param done bytes so far @param total bytes in all */
  readonly onProgress: (done: number, total: number) => void;
}

interface LargeFile {
  readonly path: string;
  readonly executable: boolean;
  readonly size: number;
}

/**
 * Stores the files of one artifact.
 *
 * @returns the manifest, which is not stored itself
 * @throws WaybillError `ARTIFACT_UNSAFE` `ARTIFACT_QUOTA_EXCEEDED`
 */
export async function saveFiles(
  upload: Upload,
  workspace: string,
  artifact: string,
  collected: Collected,
): Promise<Manifest> {
  return await new FileSaver(upload, new WorkspaceFiles(await realpath(workspace), artifact)).save(collected);
}

class FileSaver {
  readonly #upload: Upload;
  readonly #workspace: WorkspaceFiles;
  readonly #files: ManifestFile[] = [];
  readonly #packs: { readonly hash: string; readonly size: number }[] = [];
  readonly #packer = new Packer();
  readonly #writing = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;
  /** The first small files: kept one by one if no more come. */
  #few: SmallFile[] | null = [];
  #done = 0;
  #total = 0;

  constructor(upload: Upload, workspace: WorkspaceFiles) {
    this.#upload = upload;
    this.#workspace = workspace;
  }

  async save({ directories, files, links }: Collected): Promise<Manifest> {
    try {
      const large = await this.#readSmall([...files].sort(compare));
      this.#total = this.#done + large.reduce((sum, { size }) => sum + size, 0);
      for (const file of this.#few ?? []) await this.#keepAlone(file);
      this.#keepPack(this.#packer.end());
      await forEachParallel(large.filter(isMedium), (file) => this.#keepLarge(file), MEDIUM_AT_ONCE);
      for (const file of large) if (!isMedium(file)) await this.#keepLarge(file);
    } finally {
      await Promise.all(this.#writing);
    }
    if (this.#failure !== null) throw this.#failure.error;
    return {
      directories: [...directories].sort(compare),
      files: this.#files.sort((a, b) => compare(a.path, b.path)),
      links: [...links].sort((a, b) => compare(a.path, b.path)),
      packs: this.#packs,
    };
  }

  /** @returns those that are not small, which are only looked at */
  async #readSmall(paths: readonly string[]): Promise<readonly LargeFile[]> {
    const large: LargeFile[] = [];
    const slices = new Slices();
    for (const path of paths) {
      const { size, executable, content } = this.#workspace.readSmall(path, SMALL_FILE_BYTES);
      if (content === null) {
        large.push({ path, executable, size });
      } else {
        this.#done += size;
        await this.#addSmall(smallFile(path, executable, content));
      }
      await slices.pause();
    }
    return large;
  }

  async #addSmall(file: SmallFile): Promise<void> {
    if (this.#few !== null) {
      this.#few.push(file);
      if (this.#few.length < FEWEST_PACKED) return;
      for (const early of this.#few) this.#keepPack(this.#packer.add(early));
      this.#few = null;
    } else {
      this.#keepPack(this.#packer.add(file));
    }
    while (this.#writing.size >= PACKS_AT_ONCE) await Promise.race(this.#writing);
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Writes it in the background, while more files are read. */
  #keepPack(pack: Pack | null): void {
    if (pack === null) return;
    const index = this.#packs.length;
    this.#packs.push({ hash: "", size: pack.bytes });
    const writing = this.#writePack(pack, index)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  async #writePack(pack: Pack, index: number): Promise<void> {
    let offset = 0;
    for (const { path, executable, content, hash } of pack.files) {
      this.#files.push({ path, executable, size: content.length, hash, packed: { pack: index, offset } });
      offset += content.length;
    }
    const joined = Buffer.concat(pack.files.map(({ content }) => content));
    const about = { originalName: "", mimeType: "application/octet-stream", metadata: { kind: "pack" } };
    const { backend, stored, changed } = this.#upload;
    const reference = await backend.store(bufferSource(joined), about, changed);
    if (reference === null) throw new Error("bytes in memory have changed");
    stored.push(reference);
    this.#packs[index] = { hash: reference.hash, size: reference.size };
  }

  async #keepAlone({ path, executable, content }: SmallFile): Promise<void> {
    const { backend, stored, changed } = this.#upload;
    const reference = await backend.store(bufferSource(content), describe(path), changed);
    if (reference === null) throw this.#workspace.changed(path);
    stored.push(reference);
    this.#add(path, executable, reference);
  }

  async #keepLarge({ path, executable, size: expected }: LargeFile): Promise<void> {
    const { backend, stored, changed, onProgress } = this.#upload;
    const { file, size } = await this.#workspace.open(path);
    try {
      if (size !== expected) throw this.#workspace.changed(path);
      const reference = await backend.store(fileSource(file, size), describe(path), changed, (bytes) => {
        this.#done += bytes;
        onProgress(Math.floor(this.#done), this.#total);
      });
      if (reference === null) throw this.#workspace.changed(path);
      stored.push(reference);
      this.#add(path, executable, reference);
    } finally {
      await file.close();
    }
  }

  #add(path: string, executable: boolean, { hash, size }: StoredReference): void {
    this.#files.push({ path, executable, size, hash, packed: null });
  }
}

function describe(path: string): ContentDescription {
  return { originalName: path.slice(path.lastIndexOf("/") + 1) };
}

function isMedium({ size }: LargeFile): boolean {
  return size <= HUGE_BYTES;
}

/** By code units, which is the same everywhere: the order is part of what the manifest's hash says. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
