import type { LogLine } from "@waybill/engine";
import { HEADER_BYTES, MAX_TEXT_BYTES, writeHeader } from "./frame.ts";
import { INDEX_ENTRY_BYTES } from "./line-index.ts";

const FIRST_CAPACITY = 64 * 1024;

/** A UTF-16 code unit takes at most three bytes in UTF-8 (a surrogate pair takes four for two). */
const MAX_BYTES_PER_UNIT = 3;

/** So many code units fit a frame whatever they are. */
const PIECE_UNITS = Math.floor(MAX_TEXT_BYTES / MAX_BYTES_PER_UNIT);

/** Frames to be written in one go, encoded as they arrive. Used again and again by its writer. */
export class FrameBatch {
  #frames = Buffer.allocUnsafe(FIRST_CAPACITY);
  #size = 0;
  /** Where each frame ends, from the beginning of the batch. */
  #ends: number[] = [];

  /** Bytes of the frames so far. */
  get size(): number {
    return this.#size;
  }

  add(line: LogLine): void {
    let from = 0;
    while (line.text.length - from > PIECE_UNITS) {
      const to = pieceEnd(line.text, from);
      this.#addFrame(line, line.text.slice(from, to), true);
      from = to;
    }
    this.#addFrame(line, from === 0 ? line.text : line.text.slice(from), false);
  }

  #addFrame(line: LogLine, text: string, continued: boolean): void {
    this.#reserve(HEADER_BYTES + text.length * MAX_BYTES_PER_UNIT);
    const textBytes = this.#frames.write(text, this.#size + HEADER_BYTES, "utf8");
    writeHeader(this.#frames, this.#size, textBytes, line, continued);
    this.#size += HEADER_BYTES + textBytes;
    this.#ends.push(this.#size);
  }

  #reserve(bytes: number): void {
    if (this.#size + bytes <= this.#frames.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#frames.length * 2, this.#size + bytes));
    this.#frames.copy(larger, 0, 0, this.#size);
    this.#frames = larger;
  }

  /** The frames' bytes; good until the next `add` or `clear`. */
  frames(): Buffer {
    return this.#frames.subarray(0, this.#size);
  }

  /** Index entries of the frames when the batch is written at `offset` of the log. */
  indexEntries(offset: number): Buffer {
    const entries = Buffer.allocUnsafe(this.#ends.length * INDEX_ENTRY_BYTES);
    for (const [position, end] of this.#ends.entries()) {
      entries.writeDoubleLE(offset + end, position * INDEX_ENTRY_BYTES);
    }
    return entries;
  }

  clear(): void {
    this.#size = 0;
    this.#ends = [];
    if (this.#frames.length > 16 * FIRST_CAPACITY) this.#frames = Buffer.allocUnsafe(FIRST_CAPACITY);
  }
}

/** Where a piece that begins at `from` ends: never between the two halves of a surrogate pair. */
function pieceEnd(text: string, from: number): number {
  const end = from + PIECE_UNITS;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}
