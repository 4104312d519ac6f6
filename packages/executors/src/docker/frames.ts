import { Transform, type TransformCallback } from "node:stream";

const HEADER_BYTES = 8;
const STDOUT = 1;

/**
 * The standard output in the stream of a container without a terminal: pieces with a header of eight bytes each, the
 * number of the stream first and the length last.
 */
export function standardOutput(): Transform {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let left = 0;
  return new Transform({
    transform(chunk: Buffer, _, done: TransformCallback): void {
      let position = 0;
      while (position < chunk.length) {
        if (left === 0) {
          const count = chunk.copy(header, headerBytes, position, position + HEADER_BYTES - headerBytes);
          headerBytes += count;
          position += count;
          if (headerBytes < HEADER_BYTES) break;
          headerBytes = 0;
          left = header.readUInt32BE(4);
        } else {
          const piece = chunk.subarray(position, position + left);
          position += piece.length;
          left -= piece.length;
          if (header[0] === STDOUT) this.push(piece);
        }
      }
      done();
    },
  });
}
