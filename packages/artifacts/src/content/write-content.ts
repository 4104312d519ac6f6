import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";
import type { Compression } from "./artifact-info.ts";
import { BLOCKS_UNDER_WAY, fileBlocks, giveBack, readFully, writeFully } from "./blocks.ts";
import { BLOCK_BYTES, compressBlock, encodeBlock } from "./frames.ts";
import { inOrder } from "./in-order.ts";

/** Compression has to save at least a tenth, or its time is not worth it. */
const WORTHWHILE_RATIO = 0.9;

const SAMPLES = 4;
const SAMPLE_BYTES = 65_536;

/** Raw bytes to be stored; they can be read more than once. */
export interface RawSource {
  readonly size: number;
  blocks(): AsyncIterable<Buffer>;
  /** Some of the bytes, to see whether they compress and what they are. */
  sample(position: number, length: number): Promise<Buffer>;
}

export function bufferSource(content: Buffer): RawSource {
  return {
    size: content.length,
    async *blocks() {
      for (let at = 0; at < content.length; at += BLOCK_BYTES)
        yield await Promise.resolve(content.subarray(at, at + BLOCK_BYTES));
    },
    sample: (position, length) => Promise.resolve(content.subarray(position, position + length)),
  };
}

export function fileSource(file: FileHandle, size: number): RawSource {
  return {
    size,
    blocks: () => fileBlocks(file),
    sample: (position, length) => readFully(file, Buffer.allocUnsafe(length), position),
  };
}

export interface Digest {
  readonly hash: string;
  readonly size: number;
}

/** @param onBytes called for each piece, with its length */
export async function digestOf(blocks: AsyncIterable<Buffer>, onBytes?: (bytes: number) => void): Promise<Digest> {
  const sum = createHash("sha256");
  let size = 0;
  for await (const block of blocks) {
    sum.update(block);
    size += block.length;
    onBytes?.(block.length);
  }
  return { hash: sum.digest("hex"), size };
}

/** Tries a few places spread over the content: files are often half one thing, half another. */
export async function chooseCompression(source: RawSource): Promise<Compression> {
  if (source.size === 0) return "none";
  const length = Math.min(SAMPLE_BYTES, source.size);
  const gap = (source.size - length) / Math.max(SAMPLES - 1, 1);
  const positions = new Set(Array.from({ length: SAMPLES }, (_, index) => Math.floor(index * gap)));
  let raw = 0;
  let compressed = 0;
  for (const position of positions) {
    const sample = await source.sample(position, length);
    raw += sample.length;
    compressed += (await compressBlock(sample)).length;
  }
  return compressed < raw * WORTHWHILE_RATIO ? "zstd" : "none";
}

export interface WrittenContent extends Digest {
  readonly storedBytes: number;
}

/**
 * Writes a new file, on disk on return. What was written is hashed again on the way: the source may change meanwhile.
 *
 * @param allow called with the number of bytes the file has so far; throws where it must not grow further
 */
export async function writeContent(
  path: string,
  source: RawSource,
  compression: Compression,
  allow: (storedBytes: number) => void,
  onBytes?: (bytes: number) => void,
): Promise<WrittenContent> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    const sum = createHash("sha256");
    let size = 0;
    let storedBytes = 0;
    let writing: Promise<unknown> = Promise.resolve();
    async function* hashed(): AsyncGenerator<Buffer> {
      for await (const block of source.blocks()) {
        sum.update(block);
        size += block.length;
        onBytes?.(block.length);
        yield block;
      }
    }
    try {
      for await (const pieces of encoded(hashed(), compression)) {
        await writing;
        const position = storedBytes;
        for (const piece of pieces) storedBytes += piece.length;
        allow(storedBytes);
        writing = writePieces(file, pieces, position, compression === "zstd");
        // It is waited for before the next one, or below.
        writing.catch(() => undefined);
      }
    } finally {
      // A buffer must not be used again while it is being written.
      await Promise.allSettled([writing]);
    }
    await writing;
    await file.datasync();
    return { hash: sum.digest("hex"), size, storedBytes };
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

async function* encoded(blocks: AsyncIterable<Buffer>, compression: Compression): AsyncGenerator<readonly Buffer[]> {
  if (compression === "none") {
    for await (const block of blocks) yield [block];
  } else {
    yield* inOrder(blocks, BLOCKS_UNDER_WAY, encodeBlock);
  }
}

/** @param areOurs nobody else uses the memory of the pieces */
async function writePieces(
  file: FileHandle,
  pieces: readonly Buffer[],
  position: number,
  areOurs: boolean,
): Promise<void> {
  let at = position;
  for (const piece of pieces) {
    await writeFully(file, piece, at);
    at += piece.length;
    if (areOurs) giveBack(piece);
  }
}
