import type { FileHandle } from "node:fs/promises";
import type { Compression } from "./artifact-info.ts";
import { BLOCK_BYTES, decodeFrame, HEADER_BYTES, LARGEST_FRAME_BYTES, readHeader } from "./frames.ts";
import { inOrder } from "./in-order.ts";

/** Blocks read, compressed or inflated at once: two keep two cores busy, the others bridge a slow disk. */
export const BLOCKS_UNDER_WAY = 4;

/** What is stored cannot be what was once put there. Says how, for the record of the verification. */
export class DamagedContentError extends Error {}

/** Pieces of a file that a consumer may still be using when it asks for the next one. */
const BLOCKS_HELD = BLOCKS_UNDER_WAY + 2;

/** The same of stored content: the piece that is hashed, and the one that is written. */
const STORED_BLOCKS_HELD = 2;

/**
 * A file in pieces, read ahead of the consumer. The buffers are used again, so that memory stays flat: each piece may
 * be used until `BLOCKS_HELD` more have been asked for.
 */
export async function* fileBlocks(file: FileHandle, blockBytes: number = BLOCK_BYTES): AsyncGenerator<Buffer> {
  const count = BLOCKS_UNDER_WAY + BLOCKS_HELD + 1;
  const buffers: Buffer[] = [];
  let atEnd = false;
  async function* positions(): AsyncGenerator<number> {
    for (let index = 0; !atEnd; index += 1) yield await Promise.resolve(index);
  }
  const pieces = inOrder(positions(), BLOCKS_UNDER_WAY, async (index) => {
    const buffer = (buffers[index % count] ??= Buffer.allocUnsafeSlow(blockBytes));
    const piece = await readFully(file, buffer, index * blockBytes);
    if (piece.length < blockBytes) atEnd = true;
    return piece;
  });
  for await (const piece of pieces) {
    if (piece.length > 0) yield piece;
    if (piece.length < blockBytes) return;
  }
}

/**
 * What a stored file stands for. Each piece may be used until `STORED_BLOCKS_HELD` more have been asked for.
 *
 * @throws DamagedContentError
 */
export async function* storedBlocks(file: FileHandle, compression: Compression): AsyncGenerator<Buffer> {
  if (compression === "none") {
    yield* fileBlocks(file);
    return;
  }
  const blocks = inOrder(storedFrames(file), BLOCKS_UNDER_WAY, async ({ frame, rawBytes }) => {
    const raw = await decodeFrame(frame, rawBytes);
    if (raw === null) throw new DamagedContentError("a compressed block does not hold what its header says");
    return { raw, isNew: raw.buffer !== frame.buffer };
  });
  const held: Buffer[] = [];
  for await (const { raw, isNew } of blocks) {
    yield raw;
    if (isNew) held.push(raw);
    if (held.length > STORED_BLOCKS_HELD) giveBack(held.shift());
  }
}

/**
 * Frees a buffer at once. Left to the garbage collector, hundreds of them gather first, each in pages that the system
 * hands out anew: that took longer than inflating (`bench/artifacts.ts`).
 */
export function giveBack(buffer: Buffer | undefined): void {
  // Smaller ones may lie in memory that they share with others.
  if (buffer?.buffer instanceof ArrayBuffer && buffer.buffer.byteLength > Buffer.poolSize) buffer.buffer.transfer(0);
}

/** Whether the file begins as our compressed contents do. Content of a job may, too: only its hash tells for sure. */
export async function looksCompressed(file: FileHandle): Promise<boolean> {
  return readHeader(await readFully(file, Buffer.alloc(HEADER_BYTES), 0)) !== null;
}

/** The frames lie in memory that is used again: see `storedBlocks`. */
async function* storedFrames(file: FileHandle): AsyncGenerator<{ readonly frame: Buffer; readonly rawBytes: number }> {
  const start = Buffer.alloc(HEADER_BYTES);
  const count = BLOCKS_UNDER_WAY + STORED_BLOCKS_HELD + 1;
  const buffers: Buffer[] = [];
  let position = 0;
  let index = 0;
  for (let head = await readFully(file, start, 0); head.length > 0; index += 1) {
    const header = readHeader(head);
    if (header === null) throw new DamagedContentError("a block has no header");
    const buffer = (buffers[index % count] ??= Buffer.allocUnsafeSlow(LARGEST_FRAME_BYTES + HEADER_BYTES));
    // The next header comes with the frame: one read a block.
    const wanted = buffer.subarray(0, header.frameBytes + HEADER_BYTES);
    const read = await readFully(file, wanted, position + HEADER_BYTES);
    if (read.length < header.frameBytes) throw new DamagedContentError("it ends within a block");
    // Whoever gets the frame may overwrite its memory.
    head = Buffer.from(read.subarray(header.frameBytes));
    position += HEADER_BYTES + header.frameBytes;
    yield { frame: read.subarray(0, header.frameBytes), rawBytes: header.rawBytes };
  }
}

export async function readFully(file: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/**
 * Most that is written in one call. For larger calls Linux takes its page cache in large pieces, which a virtual
 * machine's host may have taken back and must give again: a gigabyte took 0.3 s in calls of this size, 2.8 s in calls of
 * a mebibyte (ext4, Linux 6.18, Firecracker; `dd` with `bs=128K` and `bs=1M` after five idle seconds).
 */
const WRITE_BYTES = 131_072;

export async function writeFully(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < data.length) {
    const length = Math.min(data.length - written, WRITE_BYTES);
    const { bytesWritten } = await file.write(data, written, length, position + written);
    written += bytesWritten;
  }
}
