import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { hasSystemCode } from "@waybill/core";

/** Longer than this, the lines are summed up into one. */
const COMPACT_ABOVE_BYTES = 262_144;

/**
 * How many bytes the store takes, without looking at every file of it: a file of differences, one a line, to which all
 * processes append. Appending a line is atomic, so none is lost while several write. What a crash leaves out is put
 * right when the files are counted again (`reset`), which every cleanup does.
 */
export class Usage {
  readonly #path: string;
  readonly #count: () => Promise<number>;

  /** @param count looks at every file */
  constructor(path: string, count: () => Promise<number>) {
    this.#path = path;
    this.#count = count;
  }

  async total(): Promise<number> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (error) {
      if (!hasSystemCode(error, "ENOENT")) throw error;
      return await this.reset();
    }
    const lines = text.split("\n").filter((line) => line !== "");
    // A line that is no number was not written by us, or was cut off: count instead of guessing.
    if (text.length > COMPACT_ABOVE_BYTES || !lines.every((line) => /^-?\d{1,15}$/.test(line)))
      return await this.reset();
    return Math.max(
      0,
      lines.reduce((sum, line) => sum + Number(line), 0),
    );
  }

  async add(bytes: number): Promise<void> {
    if (bytes === 0) return;
    try {
      // Never made here: what is in the store already would be missing from it.
      const file = await open(this.#path, constants.O_WRONLY | constants.O_APPEND);
      try {
        await file.write(`${bytes}\n`);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (!hasSystemCode(error, "ENOENT")) throw error;
    }
  }

  /** Counts anew. @returns bytes */
  async reset(): Promise<number> {
    const total = await this.#count();
    const path = `${this.#path}.${randomBytes(8).toString("hex")}`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      await writeFile(path, `${total}\n`, { mode: 0o600 });
      await rename(path, this.#path);
    } catch (error) {
      await rm(path, { force: true }).catch(() => undefined);
      throw error;
    }
    return total;
  }
}
