const ZSTD_MAGIC = 0xfd2fb528;
const BLOCK_HEADER_BYTES = 3;
const RAW_BLOCK = 0;

/** Bytes of the frame's header fields by their flags (RFC 8878, 3.1.1.1.1). */
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

/**
 * What a zstd frame holds that was not worth compressing, as half of all artifacts are not: its blocks moved together
 * over their headers, in the frame's own memory. Inflating it would copy it to new memory instead, whose pages cost more
 * than all else that a restore does.
 *
 * @param frame overwritten where the result is not null
 * @returns null, and the frame as it was, where any block is compressed, or the frame is not of the simplest form
 */
export function unwrapRawFrame(frame: Buffer, rawBytes: number): Buffer | null {
  const blocks = rawBlocks(frame);
  if (blocks === null) return null;
  const total = blocks.reduce((sum, { length }) => sum + length, 0);
  if (total !== rawBytes) return null;
  let to = 0;
  for (const { start, length } of blocks) {
    frame.copyWithin(to, start, start + length);
    to += length;
  }
  return frame.subarray(0, total);
}

/** @returns where the blocks' contents lie; null: not all are raw, or they do not fill the frame */
function rawBlocks(frame: Buffer): readonly { readonly start: number; readonly length: number }[] | null {
  if (frame.length < 5 || frame.readUInt32LE(0) !== ZSTD_MAGIC) return null;
  const descriptor = frame[4] ?? 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  // A checksum is for the library to look at.
  if (hasChecksum) return null;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
  let at = 5 + (isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 0x03] ?? 0) + sizeBytes;
  const blocks = [];
  for (let isLast = false; !isLast;) {
    if (at + BLOCK_HEADER_BYTES > frame.length) return null;
    const header = frame.readUIntLE(at, BLOCK_HEADER_BYTES);
    isLast = (header & 1) === 1;
    if (((header >> 1) & 3) !== RAW_BLOCK) return null;
    const start = at + BLOCK_HEADER_BYTES;
    const length = header >> 3;
    blocks.push({ start, length });
    at = start + length;
  }
  return at === frame.length ? blocks : null;
}
