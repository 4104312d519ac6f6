import { closeSync, fstatSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { openRegularFile } from "../files/hostile-file.ts";

const readAsync = promisify(read);

/** The most one read returns. */
const MAX_CHUNK_BYTES = 262_144;
/** Up to here a read is done at once: the bytes were just written and lie in the page cache. */
const MAX_SYNC_BYTES = 16_384;

/** A file that a step writes, read from an offset on while it grows. */
export class OutputFile {
  readonly #path: string;
  #descriptor: number | null = null;
  /** Just behind what was returned so far, in bytes. */
  #offset: number;
  #lastSize = 0;
  /** Length of the stream when its file was last emptied. */
  #wiped = 0;

  constructor(path: string, from: number) {
    this.#path = path;
    this.#offset = from;
  }

  get offset(): number {
    return this.#offset;
  }

  /**
   * How far the stream goes, in bytes; 0 where there is no file, or something else than a file.
   *
   * Where a program opened its own output again and emptied it, the stream goes on with what is in the file now: the
   * offsets of a stream never go back. What was written and wiped between two looks is lost.
   */
  size(): number {
    if (this.#descriptor === null) {
      const opened = openRegularFile(this.#path);
      if (opened === null || opened === "refused") return 0;
      this.#descriptor = opened;
    }
    const { size } = fstatSync(this.#descriptor);
    if (size < this.#lastSize) this.#wiped = this.#offset;
    this.#lastSize = size;
    return this.#wiped + size;
  }

  /** What is there before `limit`, at most `MAX_CHUNK_BYTES` of it; null: nothing. */
  async read(limit: number): Promise<Buffer | null> {
    const length = Math.min(limit - this.#offset, MAX_CHUNK_BYTES);
    const descriptor = this.#descriptor;
    if (length <= 0 || descriptor === null) return null;
    const buffer = Buffer.allocUnsafe(length);
    const count =
      length <= MAX_SYNC_BYTES
        ? readSync(descriptor, buffer, 0, length, this.#offset - this.#wiped)
        : (await readAsync(descriptor, buffer, 0, length, this.#offset - this.#wiped)).bytesRead;
    if (count === 0) return null;
    this.#offset += count;
    return count === length ? buffer : buffer.subarray(0, count);
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
