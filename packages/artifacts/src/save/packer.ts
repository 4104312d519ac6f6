import { generateArtifactId } from "../content/hashes.ts";
import { MAX_PACK_BYTES } from "../manifest/manifest.ts";

/** Files up to this size are small: kept one by one, their bookkeeping costs more than their bytes. */
export const SMALL_FILE_BYTES = 65_536;

/** Up to so many small files of an artifact are kept one by one all the same: they are shared between artifacts then. */
export const FEWEST_PACKED = 33;

const TARGET_BYTES = MAX_PACK_BYTES / 2;
const MOST_FILES = 1024;

export interface SmallFile {
  readonly path: string;
  readonly executable: boolean;
  readonly content: Buffer;
  readonly hash: string;
}

export interface Pack {
  readonly files: readonly SmallFile[];
  readonly bytes: number;
}

/**
 * Puts small files together, in the order in which they come. Where a pack ends depends on the files themselves: one
 * with a certain kind of hash ends it, about every 256th. So a file that is changed, added or removed makes its own pack
 * another one, and those before and behind stay as they are stored already.
 */
export class Packer {
  #files: SmallFile[] = [];
  #bytes = 0;

  /** @returns a pack where the file has completed one */
  add(file: SmallFile): Pack | null {
    this.#files.push(file);
    this.#bytes += file.content.length;
    const isFull = this.#bytes >= TARGET_BYTES || this.#files.length >= MOST_FILES;
    return isFull || file.hash.startsWith("00") ? this.end() : null;
  }

  /** @returns what is left; null: nothing */
  end(): Pack | null {
    if (this.#files.length === 0) return null;
    const pack = { files: this.#files, bytes: this.#bytes };
    this.#files = [];
    this.#bytes = 0;
    return pack;
  }
}

export function smallFile(path: string, executable: boolean, content: Buffer): SmallFile {
  return { path, executable, content, hash: generateArtifactId(content) };
}
