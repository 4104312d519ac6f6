import type { MaskedChunk, MaskedSegment } from "@waybill/core";
import type { LogLine } from "../ports/files.ts";

/** Longer lines are cut here: a job that never prints a line break must not hold memory without bound. */
const MAX_LINE_BYTES = 64 * 1024;

/** An unfinished line is shown up to here. */
const MAX_SHOWN_BYTES = 4096;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const EMPTY = Buffer.alloc(0);

/**
 * Turns the bytes of one stream of one step into lines, whatever the chunks they arrive in.
 *
 * What stands between two carriage returns of a line was overwritten on the terminal: of a progress bar the last state
 * that is not empty is kept, the others are dropped as soon as the next one begins.
 *
 * Bytes come masked. `LogLine.sourceOffset` counts in the source all the same, and always at a place behind which
 * masking may begin anew: behind a byte that was no part of a secret, or between two secrets.
 */
export class LineSplitter {
  readonly #stream: "stdout" | "stderr";
  readonly #step: number;
  readonly #attempt: number;
  /** The newest state of a line that has not ended yet, and where it comes from. */
  #rest: Buffer = EMPTY;
  #restSegments: readonly MaskedSegment[] = [];
  /** The state before it, where the newest is empty so far. */
  #overwritten: Buffer = EMPTY;

  constructor(stream: "stdout" | "stderr", step: number, attempt: number) {
    this.#stream = stream;
    this.#step = step;
    this.#attempt = attempt;
  }

  /**
   * @param time when it was seen, in milliseconds since the epoch
   * @returns the lines that are complete now
   */
  push(chunk: MaskedChunk, time: number): LogLine[] {
    if (chunk.bytes.length === 0) return [];
    const known = this.#rest.length;
    const bytes = known === 0 ? chunk.bytes : Buffer.concat([this.#rest, chunk.bytes]);
    const segments = known === 0 ? chunk.segments : joined(this.#restSegments, chunk.segments, known);
    const sources = new Sources(segments);
    const lines: LogLine[] = [];
    let overwritten: Buffer = this.#overwritten;
    let start = 0;

    /** Takes pieces off a state that ends at `end` until it is short enough. */
    const cut = (end: number): void => {
      while (end - start > MAX_LINE_BYTES) {
        const to = sources.notInMask(characterBoundary(bytes, start, start + MAX_LINE_BYTES));
        lines.push(this.#line(bytes, start, to, sources.at(to), time));
        start = to;
        overwritten = EMPTY;
      }
    };

    let carriageReturn = bytes.indexOf(CARRIAGE_RETURN, known);
    for (let from = known; ;) {
      const lineFeed = bytes.indexOf(LINE_FEED, from);
      const end = lineFeed === -1 ? bytes.length : lineFeed;
      while (carriageReturn !== -1 && carriageReturn < end) {
        cut(carriageReturn);
        if (carriageReturn > start) overwritten = bytes.subarray(start, carriageReturn);
        start = carriageReturn + 1;
        carriageReturn = bytes.indexOf(CARRIAGE_RETURN, start);
      }
      cut(end);
      if (lineFeed === -1) break;
      const sourceOffset = sources.at(lineFeed) + 1;
      if (end > start) lines.push(this.#line(bytes, start, end, sourceOffset, time));
      else lines.push(this.#line(overwritten, 0, overwritten.length, sourceOffset, time));
      overwritten = EMPTY;
      start = lineFeed + 1;
      from = start;
    }

    // Copies, so that a short rest does not keep the whole chunk alive.
    this.#rest = Buffer.from(bytes.subarray(start));
    this.#restSegments = sources.from(start, bytes.length);
    this.#overwritten = this.#rest.length > 0 ? EMPTY : Buffer.from(overwritten);
    return lines;
  }

  /**
   * The stream has ended: what is left is a line too.
   *
   * @param offset where the stream ended, in bytes
   */
  end(offset: number, time: number): LogLine[] {
    const rest = this.#newest();
    this.#rest = EMPTY;
    this.#restSegments = [];
    this.#overwritten = EMPTY;
    return rest.length === 0 ? [] : [this.#line(rest, 0, rest.length, offset, time)];
  }

  /** What a terminal would show of the line that has not ended yet; empty: nothing. Cut where it is long. */
  unfinished(): string {
    const newest = this.#newest();
    // A character may have come only in part.
    return newest.toString("utf8", 0, Math.min(newest.length, MAX_SHOWN_BYTES)).replace(/\ufffd$/, "");
  }

  #newest(): Buffer {
    return this.#rest.length > 0 ? this.#rest : this.#overwritten;
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

/** Finds where bytes come from. Places must be asked for in order. */
class Sources {
  readonly #segments: readonly MaskedSegment[];
  #index = 0;

  constructor(segments: readonly MaskedSegment[]) {
    this.#segments = segments;
  }

  at(place: number): number {
    const { start, source, masked } = this.#segmentOf(place);
    return masked ? source : source + place - start;
  }

  /** The place itself, or the beginning of the mask it would cut in half. */
  notInMask(place: number): number {
    const { start, masked } = this.#segmentOf(place);
    return masked ? start : place;
  }

  /** The segments of the bytes from `place` on, counted from there. */
  from(place: number, end: number): readonly MaskedSegment[] {
    if (place >= end) return [];
    const first = this.#segmentOf(place);
    const source = first.masked ? first.source : first.source + place - first.start;
    const later = this.#segments.slice(this.#index + 1);
    return [{ ...first, start: 0, source }, ...shifted(later, -place)];
  }

  #segmentOf(place: number): MaskedSegment {
    for (;;) {
      const next = this.#segments[this.#index + 1];
      if (next === undefined || next.start > place) break;
      this.#index += 1;
    }
    return this.#segments[this.#index] as MaskedSegment;
  }
}

function joined(first: readonly MaskedSegment[], then: readonly MaskedSegment[], at: number): MaskedSegment[] {
  return [...first, ...shifted(then, at)];
}

function shifted(segments: readonly MaskedSegment[], by: number): MaskedSegment[] {
  return segments.map((segment) => ({ ...segment, start: segment.start + by }));
}

/** The last place at or before `end` that does not cut a UTF-8 character (whose later bytes are 10xxxxxx). */
function characterBoundary(bytes: Buffer, start: number, end: number): number {
  for (let at = end; at > Math.max(start, end - 4); at--) {
    if (((bytes[at] ?? 0) & 0b1100_0000) !== 0b1000_0000) return at;
  }
  return end;
}
