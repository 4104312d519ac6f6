import type { FileHandle } from "node:fs/promises";
import { frameBytes, HEADER_BYTES, readFrame, type FrameFields } from "./frame.ts";

const READ_BYTES = 256 * 1024;

export interface PlacedFrame {
  readonly frame: FrameFields;
  /** Offset just behind the frame. */
  readonly end: number;
}

/**
 * Frames of a log from offset `from`, which must be the beginning of one, up to `to`. Ends before the first that is
 * not whole or not what was written. Holds one read and at most one frame in memory.
 */
export async function* readFrames(log: FileHandle, from: number, to: number): AsyncGenerator<PlacedFrame> {
  let buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(to - from, 0)));
  let filled = 0;
  let bufferAt = from;
  let needed = HEADER_BYTES;
  for (;;) {
    if (bufferAt + needed > to) return;
    if (needed > buffer.length) {
      const larger = Buffer.allocUnsafe(needed);
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
    while (filled < needed) {
      const length = Math.min(buffer.length - filled, to - bufferAt - filled);
      const { bytesRead } = await log.read(buffer, filled, length, bufferAt + filled);
      if (bytesRead === 0) return;
      filled += bytesRead;
    }

    let at = 0;
    needed = HEADER_BYTES;
    while (at + HEADER_BYTES <= filled) {
      const bytes = frameBytes(buffer, at);
      if (bytes === null) return;
      if (at + bytes > filled) {
        needed = bytes;
        break;
      }
      const frame = readFrame(buffer, at, bytes);
      if (frame === null) return;
      at += bytes;
      yield { frame, end: bufferAt + at };
    }
    buffer.copy(buffer, 0, at, filled);
    filled -= at;
    bufferAt += at;
  }
}
