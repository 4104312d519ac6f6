import { WaybillError } from "@waybill/core";
import { Transform } from "node:stream";

const BLOCK = 512;
/** A long name, a long link, or the extended attributes of an entry. The library keeps these in memory as a whole. */
const MAX_EXTENSION = 1_048_576;
/** Types of headers that describe the next entry, or all that follow. */
const EXTENSIONS = new Set(["x", "g", "L", "K", "N", "X"]);

/**
 * Passes a tar archive on unchanged, and refuses it where a header that describes another one says that it is large.
 *
 * @throws WaybillError `IMAGE_ARCHIVE_INVALID`, as an error of the stream
 */
export function boundedHeaders(file: string): Transform {
  const headers = new Headers(file);
  return new Transform({
    highWaterMark: 262_144,
    transform(chunk: Buffer, _encoding, done): void {
      try {
        headers.look(chunk);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

class Headers {
  readonly #file: string;
  #state: "header" | "attributes" | "content" = "header";
  /** Bytes until the next state. */
  #missing = BLOCK;
  /** What is there of a header or of attributes. */
  #kept: Buffer[] = [];
  /** The size of the next entry, where attributes have it. */
  #size: number | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  look(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const end = Math.min(chunk.length, at + this.#missing);
      if (this.#state !== "content") this.#kept.push(chunk.subarray(at, end));
      this.#missing -= end - at;
      at = end;
      if (this.#missing === 0) this.#next();
    }
  }

  #next(): void {
    const kept = Buffer.concat(this.#kept);
    this.#kept = [];
    if (this.#state === "header") return this.#header(kept);
    if (this.#state === "attributes") {
      const size = /(?:^|\n)\d+ size=(\d{1,16})\n/.exec(kept.toString("latin1"))?.[1];
      if (size !== undefined) this.#size = Number(size);
    }
    this.#expect("header", BLOCK);
  }

  #header(block: Buffer): void {
    const type = String.fromCharCode(block[156] ?? 0);
    const declared = sizeIn(block);
    if (EXTENSIONS.has(type)) {
      if (declared > MAX_EXTENSION) {
        throw new WaybillError("IMAGE_ARCHIVE_INVALID", { file: this.#file, detail: "it has a header of over 1 MiB." });
      }
      return this.#expect(type === "x" ? "attributes" : "content", padded(declared));
    }
    const size = this.#size ?? declared;
    this.#size = null;
    this.#expect("content", padded(size));
  }

  #expect(state: "header" | "attributes" | "content", bytes: number): void {
    this.#state = bytes === 0 ? "header" : state;
    this.#missing = bytes === 0 ? BLOCK : bytes;
  }
}

/** Octal text, or a binary number where the first bit is set. */
function sizeIn(block: Buffer): number {
  const field = block.subarray(124, 136);
  if (((field[0] ?? 0) & 0x80) !== 0) return field.readUIntBE(6, 6);
  const text = /^[ \0]*([0-7]*)/.exec(field.toString("latin1"))?.[1] ?? "";
  return text === "" ? 0 : Number.parseInt(text, 8);
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
