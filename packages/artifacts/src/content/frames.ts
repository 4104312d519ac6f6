import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import { unwrapRawFrame } from "./raw-frame.ts";

/**
 * Compressed content is a row of frames, each a megabyte of the raw bytes compressed by itself: so several threads can
 * work on one file, and nothing has to be known of the rest to read a piece. Before each frame stands a skippable
 * frame (RFC 8878, 3.1.2) that says how long the next one is and how many bytes it stands for. The whole is a valid
 * `.zst` file, which `zstd -d` reads.
 */
export const BLOCK_BYTES = 1_048_576;

export const HEADER_BYTES = 16;

const SKIPPABLE_MAGIC = 0x184d2a57;
const HEADER_PAYLOAD_BYTES = 8;

/** More than zstd adds to a block that does not compress. */
const COMPRESSION_MARGIN = 65_536;
export const LARGEST_FRAME_BYTES = BLOCK_BYTES + COMPRESSION_MARGIN;

/** What the library takes. */
const MIN_CHUNK_SIZE = 64;

/** The fastest of the usual levels: the time of an upload is the time of compression. */
const LEVEL = 1;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export interface FrameHeader {
  readonly frameBytes: number;
  readonly rawBytes: number;
}

/** @returns header and frame, to be written one behind the other */
export async function encodeBlock(raw: Uint8Array): Promise<readonly [header: Buffer, frame: Buffer]> {
  const frame = await compressBlock(raw);
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(SKIPPABLE_MAGIC, 0);
  header.writeUInt32LE(HEADER_PAYLOAD_BYTES, 4);
  header.writeUInt32LE(frame.length, 8);
  header.writeUInt32LE(raw.length, 12);
  return [header, frame];
}

export async function compressBlock(raw: Uint8Array): Promise<Buffer> {
  // One piece of output: each takes a trip through the thread pool, 64 a block with what is usual.
  const chunkSize = Math.max(MIN_CHUNK_SIZE, raw.length + COMPRESSION_MARGIN);
  return await compress(raw, { chunkSize, params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
}

/** @returns null where this is no header of ours, or one that promises what we never write */
export function readHeader(header: Buffer): FrameHeader | null {
  if (header.length < HEADER_BYTES) return null;
  if (header.readUInt32LE(0) !== SKIPPABLE_MAGIC || header.readUInt32LE(4) !== HEADER_PAYLOAD_BYTES) return null;
  const frameBytes = header.readUInt32LE(8);
  const rawBytes = header.readUInt32LE(12);
  const isPossible = frameBytes > 0 && frameBytes <= LARGEST_FRAME_BYTES && rawBytes > 0 && rawBytes <= BLOCK_BYTES;
  return isPossible ? { frameBytes, rawBytes } : null;
}

/**
 * @param frame its memory may become that of the result
 * @returns null where the frame is not what its header says: it inflates to more or less, or is no zstd at all
 */
export async function decodeFrame(frame: Buffer, rawBytes: number): Promise<Buffer | null> {
  const unwrapped = unwrapRawFrame(frame, rawBytes);
  if (unwrapped !== null) return unwrapped;
  try {
    const raw = await decompress(frame, {
      maxOutputLength: rawBytes,
      chunkSize: Math.max(MIN_CHUNK_SIZE, rawBytes),
    });
    return raw.length === rawBytes ? raw : null;
  } catch {
    return null;
  }
}
