import { WaybillError } from "@waybill/core";
import { createHash } from "node:crypto";
import { createReadStream, openSync, readSync, closeSync, statSync } from "node:fs";
import { Transform, type Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract, type Entry } from "tar-stream";
import { boundedHeaders } from "./bounded-headers.ts";

/** What unpacking may take at most. */
export interface ImageLimits {
  /** Bytes of everything an archive unpacks to, layers counted again where they replace each other. */
  readonly bytes: number;
  /** Files, directories and links. */
  readonly entries: number;
}

/** What was used up so far, over all archives of one import. */
export class Budget {
  readonly #file: string;
  readonly #limits: ImageLimits;
  #bytes = 0;
  #entries = 0;

  /** @param file for messages */
  constructor(file: string, limits: ImageLimits) {
    this.#file = file;
    this.#limits = limits;
  }

  /** @throws WaybillError `IMAGE_ARCHIVE_TOO_LARGE` */
  takeBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > this.#limits.bytes) this.#refuse(`${this.#limits.bytes} bytes`);
  }

  /** @throws WaybillError `IMAGE_ARCHIVE_TOO_LARGE` */
  takeEntry(): void {
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) this.#refuse(`${this.#limits.entries} files`);
  }

  #refuse(limit: string): never {
    throw new WaybillError("IMAGE_ARCHIVE_TOO_LARGE", { file: this.#file, limit });
  }
}

export interface ReadArchive {
  /** Path of the archive: plain, or compressed by gzip or zstd. */
  readonly path: string;
  /** For messages. */
  readonly file: string;
  readonly budget: Budget;
  /** Called with each entry; what it leaves of the content is passed over. */
  readonly entry: (entry: Entry) => Promise<void> | void;
  /** Called with the number of bytes just read of the file. */
  readonly progress?: ((bytes: number) => void) | undefined;
}

/**
 * Walks through a tar archive in constant memory.
 *
 * @returns SHA-256 of the archive as it is without compression: lower-case hex
 * @throws WaybillError `IMAGE_ARCHIVE_UNREADABLE`, `IMAGE_ARCHIVE_INVALID`, `IMAGE_ARCHIVE_TOO_LARGE`, and what `entry` throws
 */
export async function readArchive({ path, file, budget, entry, progress }: ReadArchive): Promise<string> {
  const hash = createHash("sha256");
  const compression = compressionOf(path, file);
  const source = createReadStream(path, { highWaterMark: 262_144 });
  if (progress !== undefined) source.on("data", (chunk) => progress(chunk.length));
  const stages: (Readable | Transform)[] = [source];
  if (compression !== null) stages.push(source.pipe(compression));
  const counter = new Transform({
    highWaterMark: 262_144,
    transform(chunk: Buffer, _encoding, done): void {
      try {
        budget.takeBytes(chunk.length);
        hash.update(chunk);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  const tar = extract();
  const headers = boundedHeaders(file);
  stages.push((stages.at(-1) as Readable).pipe(counter));
  stages.push(counter.pipe(headers));
  headers.pipe(tar);
  // An error of an early stage does not reach the late ones by itself.
  for (const stage of stages) stage.on("error", (error) => tar.destroy(error));
  try {
    for await (const each of tar) {
      budget.takeEntry();
      await entry(each);
      each.resume();
    }
    return hash.digest("hex");
  } catch (error) {
    throw translated(error, file);
  } finally {
    for (const stage of stages) stage.destroy();
  }
}

/** The whole of a small entry. @throws WaybillError `IMAGE_ARCHIVE_INVALID` where it is larger than `maxBytes` */
export async function readEntry(entry: Entry, maxBytes: number, file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new WaybillError("IMAGE_ARCHIVE_INVALID", { file, detail: `${entry.header.name} is too large.` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Null: none that we know, so it should be a plain archive. */
function compressionOf(path: string, file: string): Transform | null {
  const start = Buffer.alloc(4);
  try {
    if (!statSync(path).isFile()) throw new Error("it is not a regular file");
    const descriptor = openSync(path, "r");
    readSync(descriptor, start, 0, 4, 0);
    closeSync(descriptor);
  } catch (cause) {
    const detail = `${cause instanceof Error ? cause.message : String(cause)}.`;
    throw new WaybillError("IMAGE_ARCHIVE_UNREADABLE", { file, detail }, { cause });
  }
  if (start.readUInt16BE(0) === 0x1f8b) return createGunzip();
  return start.readUInt32LE(0) === 0xfd2fb528 ? createZstdDecompress() : null;
}

function translated(error: unknown, file: string): unknown {
  if (error instanceof WaybillError) return error;
  // Errors of the file system on our side are not the archive's fault.
  if (error instanceof Error && "syscall" in error) return error;
  const detail = `${error instanceof Error ? error.message : String(error)}.`;
  return new WaybillError("IMAGE_ARCHIVE_INVALID", { file, detail }, { cause: error });
}
