import type { LogLine } from "../ports/files.ts";

/** Longer lines are cut here: a job that never prints a line break must not hold memory without bound. */
const MAX_LINE_BYTES = 64 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Turns the bytes of one stream of one step into lines, whatever the chunks they arrive in. */
export class LineSplitter {
  readonly #stream: "stdout" | "stderr";
  readonly #step: number;
  readonly #attempt: number;
  /** Bytes of a line that has not ended yet. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: "stdout" | "stderr", step: number, attempt: number) {
    this.#stream = stream;
    this.#step = step;
    this.#attempt = attempt;
  }

  /**
   * @param offset where the stream stands behind `data`, in bytes
   * @param time when it was seen, in milliseconds since the epoch
   * @returns the lines that are complete now
   */
  push(data: Buffer, offset: number, time: number): LogLine[] {
    const bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    const base = offset - bytes.length;
    const lines: LogLine[] = [];
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start);
      const tooLong = (end === -1 ? bytes.length : end) - start > MAX_LINE_BYTES;
      if (tooLong) {
        const cut = characterBoundary(bytes, start, start + MAX_LINE_BYTES);
        lines.push(this.#line(bytes, start, cut, base + cut, time));
        start = cut;
      } else if (end === -1) {
        break;
      } else {
        const textEnd = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
        lines.push(this.#line(bytes, start, textEnd, base + end + 1, time));
        start = end + 1;
      }
    }
    // A copy, so that a short rest does not keep the whole chunk alive.
    this.#rest = Buffer.from(bytes.subarray(start));
    return lines;
  }

  /** The stream has ended: what is left is a line too. */
  end(offset: number, time: number): LogLine[] {
    if (this.#rest.length === 0) return [];
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return [this.#line(rest, 0, rest.length, offset, time)];
  }

  #line(bytes: Buffer, start: number, end: number, sourceOffset: number, time: number): LogLine {
    return {
      time,
      stream: this.#stream,
      step: this.#step,
      attempt: this.#attempt,
      sourceOffset,
      text: bytes.toString("utf8", start, end),
    };
  }
}

/** The last place at or before `end` that does not cut a UTF-8 character (whose later bytes are 10xxxxxx). */
function characterBoundary(bytes: Buffer, start: number, end: number): number {
  for (let at = end; at > Math.max(start, end - 4); at--) {
    if (((bytes[at] ?? 0) & 0b1100_0000) !== 0b1000_0000) return at;
  }
  return end;
}
