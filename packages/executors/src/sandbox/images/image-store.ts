import { WaybillError, type Clock } from "@waybill/core";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod/mini";
import { readSmallFile, systemErrorCode, writePrivateFile } from "../../files/hostile-file.ts";
import { removeTree } from "../../files/remove-tree.ts";
import { Budget, type ImageLimits } from "./archive.ts";
import { readManifest } from "./read-manifest.ts";
import { RootFilesystem } from "./unpack-layer.ts";

export const DEFAULT_IMAGE_LIMITS: ImageLimits = { bytes: 32 * 1024 ** 3, entries: 1_000_000 };

const recordSchema = z.object({
  name: z.string(),
  digest: z.string(),
  /** Milliseconds since the epoch. */
  importedAt: z.number(),
});

export type StoredImage = z.infer<typeof recordSchema>;

export interface ImportRequest {
  /** As pipelines name it. */
  readonly name: string;
  /** Path of an archive of `docker save`, an OCI layout or `docker export`; absolute. */
  readonly path: string;
  /** The same for messages. */
  readonly file: string;
  /** `sha256:…` that it must have; null: any. */
  readonly digest: string | null;
  readonly limits: ImageLimits;
  /** @param done share of the work, from 0 to 1 */
  readonly progress?: (done: number) => void;
}

export interface ImportedImage extends StoredImage {
  /** Devices and the like, which were left out. */
  readonly skipped: number;
}

export interface ImageStore {
  /**
   * Unpacks an image, all of it or nothing. One of the same name is replaced.
   * @throws WaybillError `IMAGE_*`
   */
  import(request: ImportRequest): Promise<ImportedImage>;
  /** By name. */
  list(): Promise<readonly StoredImage[]>;
  /** @throws WaybillError `IMAGE_UNKNOWN` */
  remove(name: string): Promise<void>;
  has(name: string): boolean;
  /** The directory of an image's root file system; null: there is no such image. */
  rootOf(name: string): Promise<string | null>;
}

/**
 * Unpacked root file systems, each in a directory with a record of what it is. Directories that begin with a dot are
 * on their way in or out.
 *
 * @param directory absolute; made when first needed
 */
export function openImageStore(directory: string, clock: Clock): ImageStore {
  return new Store(directory, clock);
}

class Store implements ImageStore {
  readonly #directory: string;
  readonly #clock: Clock;

  constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  async import({ name, path, file, digest, limits, progress }: ImportRequest): Promise<ImportedImage> {
    const target = this.#place(name);
    const work = this.#onDisk(() => this.#makeWork());
    const staging = join(work, "staging");
    const image = join(work, "image");
    try {
      const report = shareOfTwoPasses(path, progress);
      const manifestBudget = new Budget(file, limits);
      const saved = await readManifest({ path, file, image: name, budget: manifestBudget, progress: report }, staging);
      const root = new RootFilesystem(join(image, "root"));
      const budget = new Budget(file, limits);
      let actual: string;
      if (saved === null) {
        actual = `sha256:${await root.addLayer({ path, file, budget, progress: report }, false)}`;
      } else {
        for (const [number, layer] of saved.layers.entries()) {
          const what = `layer ${number + 1}`;
          const unpacked = `sha256:${await root.addLayer({ path: layer.entry, file, budget, progress: report }, true)}`;
          if (unpacked !== layer.digest) throw mismatch(what, file, layer.digest, unpacked);
        }
        actual = saved.digest;
      }
      if (digest !== null && digest !== actual) throw mismatch("image", file, digest, actual);
      const record: StoredImage = { name, digest: actual, importedAt: this.#clock.now() };
      this.#onDisk(() => {
        writePrivateFile(join(image, "image.json"), JSON.stringify(record));
        if (existsSync(target)) renameSync(target, join(work, "replaced"));
        renameSync(image, target);
      });
      return { ...record, skipped: root.skipped.special };
    } catch (error) {
      throw this.#translated(error);
    } finally {
      await removeTree(work);
    }
  }

  async list(): Promise<readonly StoredImage[]> {
    const images = this.#names().flatMap((entry) => this.#record(join(this.#directory, entry)) ?? []);
    return await Promise.resolve(images.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  }

  async remove(name: string): Promise<void> {
    const place = this.#place(name);
    if (this.#record(place) === null) throw new WaybillError("IMAGE_UNKNOWN", { image: name });
    const work = this.#onDisk(() => {
      const made = this.#makeWork();
      renameSync(place, join(made, "replaced"));
      return made;
    });
    await removeTree(work);
  }

  has(name: string): boolean {
    return isName(name) && this.#record(this.#place(name)) !== null;
  }

  async rootOf(name: string): Promise<string | null> {
    return await Promise.resolve(this.has(name) ? join(this.#place(name), "root") : null);
  }

  #makeWork(): string {
    const work = join(this.#directory, `.work-${randomUUID()}`);
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    for (const path of [work, join(work, "staging"), join(work, "image")]) mkdirSync(path, { mode: 0o700 });
    mkdirSync(join(work, "image/root"), { mode: 0o755 });
    return work;
  }

  /** @throws WaybillError `IMAGE_NAME_INVALID` */
  #place(name: string): string {
    if (!isName(name)) throw new WaybillError("IMAGE_NAME_INVALID", { image: name.slice(0, 200) });
    return join(this.#directory, encodeURIComponent(name));
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory).filter((name) => !name.startsWith("."));
    } catch (error) {
      if (systemErrorCode(error) === "ENOENT") return [];
      throw this.#translated(error);
    }
  }

  /** Null: there is none, or none that we wrote. */
  #record(place: string): StoredImage | null {
    const content = readSmallFile(join(place, "image.json"), 4_096);
    if (content === null || content === "refused") return null;
    try {
      const result = z.safeParse(recordSchema, JSON.parse(content.text));
      return result.success && encodeURIComponent(result.data.name) === basename(place) ? result.data : null;
    } catch {
      return null;
    }
  }

  #onDisk<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw this.#translated(error);
    }
  }

  #translated(error: unknown): unknown {
    if (systemErrorCode(error) === "") return error;
    const detail = `${(error as Error).message}.`;
    return new WaybillError("IMAGE_STORE_UNUSABLE", { directory: this.#directory, detail }, { cause: error });
  }
}

/** As registries and Docker have it: a path, a tag or a digest. */
function isName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._/:@-]*$/i.test(name) && name.length <= 180 && !name.includes("..");
}

function mismatch(what: string, file: string, expected: string, actual: string): WaybillError {
  return new WaybillError("IMAGE_DIGEST_MISMATCH", { what, file, expected, actual });
}

/** The archive is read once for what is in it, and what is in it is read once to be unpacked. */
function shareOfTwoPasses(path: string, progress: ImportRequest["progress"]): ((bytes: number) => void) | undefined {
  if (progress === undefined) return undefined;
  const total = 2 * (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  let done = 0;
  return (bytes) => {
    done += bytes;
    progress(total === 0 ? 1 : Math.min(1, done / total));
  };
}
