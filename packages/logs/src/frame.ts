import type { LogLine } from "@waybill/engine";
import { crc32 } from "node:zlib";

/*
 * One frame is one line: a header of fixed size, then the text in UTF-8. All numbers are little-endian.
 *
 *   offset  size  field
 *        0     4  bytes of text
 *        4     4  CRC-32 of everything behind this field
 *        8     1  stream: 0 stdout, 1 stderr, 2 system
 *        9     1  flags: bit 0, the line goes on in the next frame
 *       10     2  step
 *       12     4  attempt
 *       16     8  time, milliseconds since the epoch (IEEE double: exact up to 2^53)
 *       24     8  source offset (double)
 *       32        text
 *
 * The checksum is what makes a torn or zero-filled tail after a power cut recognisable; without it such bytes could
 * pass for a short line.
 */

export const HEADER_BYTES = 32;

/** Longer lines are kept in pieces, so that a reader's memory does not depend on what a job prints. */
export const MAX_TEXT_BYTES = 1024 * 1024;

const LENGTH_AT = 0;
const CHECKSUM_AT = 4;
const STREAM_AT = 8;
const FLAGS_AT = 9;
const STEP_AT = 10;
const ATTEMPT_AT = 12;
const TIME_AT = 16;
const SOURCE_OFFSET_AT = 24;

const FLAG_CONTINUED = 1;

const STREAMS: readonly LogLine["stream"][] = ["stdout", "stderr", "system"];

export interface FrameFields extends LogLine {
  /** The line goes on in the next frame. */
  readonly continued: boolean;
}

/** Writes the header of a frame whose text stands behind it already. */
export function writeHeader(
  buffer: Buffer,
  at: number,
  textBytes: number,
  fields: Omit<LogLine, "text">,
  continued: boolean,
): void {
  buffer.writeUInt32LE(textBytes, at + LENGTH_AT);
  buffer.writeUInt8(STREAMS.indexOf(fields.stream), at + STREAM_AT);
  buffer.writeUInt8(continued ? FLAG_CONTINUED : 0, at + FLAGS_AT);
  buffer.writeUInt16LE(fields.step, at + STEP_AT);
  buffer.writeUInt32LE(fields.attempt, at + ATTEMPT_AT);
  buffer.writeDoubleLE(fields.time, at + TIME_AT);
  buffer.writeDoubleLE(fields.sourceOffset, at + SOURCE_OFFSET_AT);
  buffer.writeUInt32LE(checksum(buffer, at, textBytes), at + CHECKSUM_AT);
}

/** Bytes of the whole frame, from a header that is there; null: no frame can begin so. */
export function frameBytes(buffer: Buffer, at: number): number | null {
  const textBytes = buffer.readUInt32LE(at + LENGTH_AT);
  return textBytes > MAX_TEXT_BYTES ? null : HEADER_BYTES + textBytes;
}

/** A frame of which all bytes are there; null: its bytes are not what was written. */
export function readFrame(buffer: Buffer, at: number, bytes: number): FrameFields | null {
  const textBytes = bytes - HEADER_BYTES;
  if (buffer.readUInt32LE(at + CHECKSUM_AT) !== checksum(buffer, at, textBytes)) return null;
  const stream = STREAMS[buffer.readUInt8(at + STREAM_AT)];
  if (stream === undefined) return null;
  return {
    time: buffer.readDoubleLE(at + TIME_AT),
    stream,
    step: buffer.readUInt16LE(at + STEP_AT),
    attempt: buffer.readUInt32LE(at + ATTEMPT_AT),
    sourceOffset: buffer.readDoubleLE(at + SOURCE_OFFSET_AT),
    text: buffer.toString("utf8", at + HEADER_BYTES, at + bytes),
    continued: (buffer.readUInt8(at + FLAGS_AT) & FLAG_CONTINUED) !== 0,
  };
}

function checksum(buffer: Buffer, at: number, textBytes: number): number {
  return crc32(buffer.subarray(at + STREAM_AT, at + HEADER_BYTES + textBytes));
}
