import { access, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasSystemCode } from "@waybill/core";
import { generateArtifactId, isContentHash } from "./hashes.ts";
import type { Layout } from "./layout.ts";

/**
 * Which large contents the store may have, known by their size and their first block: such a file is hashed before it is
 * written, so that an unchanged one is not written again. One that the store cannot have is hashed while it is written,
 * which saves reading it twice. A hint that is wrong or lost costs time, nothing else.
 */
export class Hints {
  readonly #directory: string;

  constructor(layout: Layout) {
    this.#directory = layout.hints;
  }

  async mayBeStored(size: number, firstBlock: Uint8Array): Promise<boolean> {
    try {
      await access(this.#pathOf(size, firstBlock));
      return true;
    } catch (error) {
      if (hasSystemCode(error, "ENOENT")) return false;
      throw error;
    }
  }

  async remember(size: number, firstBlock: Uint8Array, hash: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeFile(this.#pathOf(size, firstBlock), hash, { mode: 0o600 });
  }

  /** Removes those of contents that are no more. */
  async sweep(isStored: (hash: string) => Promise<boolean>): Promise<void> {
    const names = await readdir(this.#directory).catch((error: unknown) => {
      if (hasSystemCode(error, "ENOENT")) return [];
      throw error;
    });
    for (const name of names) {
      const path = join(this.#directory, name);
      const hash = await readFile(path, "utf8");
      if (!isContentHash(hash) || !(await isStored(hash))) await rm(path, { force: true });
    }
  }

  #pathOf(size: number, firstBlock: Uint8Array): string {
    return join(this.#directory, generateArtifactId(Buffer.concat([Buffer.from(`${size}:`), firstBlock])));
  }
}
