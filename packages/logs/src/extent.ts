import type { FileHandle } from "node:fs/promises";
import { readFrames } from "./frame-reader.ts";
import { countEntries, countLinesWithin, readLineStart } from "./line-index.ts";

/** The two files of a job's log, open. */
export interface LogFiles {
  readonly log: FileHandle;
  /** Null: there is none, and the log is read from its beginning. */
  readonly index: FileHandle | null;
}

/** How far a log is whole. */
export interface Extent {
  /** Lines that are whole. */
  readonly lines: number;
  /** Offset behind the last of them. */
  readonly end: number;
  /** So many of them the index knows. */
  readonly indexedLines: number;
  /** Offset behind the last line that the index knows. */
  readonly indexedEnd: number;
}

/**
 * Finds out how far a log is whole, whatever a crash left of its two files. One look at the last indexed line where
 * all is well; past the index, frames are read one by one. Pieces of a long line count only when all are there.
 */
export async function measure(files: LogFiles): Promise<Extent> {
  // The index first: what it knows is in the log by then, however fast the log grows.
  const entries = files.index === null ? 0 : await countEntries(files.index);
  const { size: logBytes } = await files.log.stat();
  const indexed = await lastTrustedLine(files, await countLinesWithin(files.index, entries, logBytes));
  let { lines, end } = indexed;
  let frames = 0;
  for await (const placed of readFrames(files.log, indexed.end, logBytes)) {
    frames += 1;
    if (placed.frame.continued) continue;
    lines = indexed.lines + frames;
    end = placed.end;
  }
  return { lines, end, indexedLines: indexed.lines, indexedEnd: indexed.end };
}

/**
 * Goes back from the index' last line to one that ends a whole line and is stored as the index says. Where the two
 * files contradict each other, which takes a power cut, nothing of the index is believed.
 */
async function lastTrustedLine({ log, index }: LogFiles, count: number): Promise<{ lines: number; end: number }> {
  for (let lines = count; lines > 0; lines -= 1) {
    const start = await readLineStart(index, lines - 1);
    const end = await readLineStart(index, lines);
    if (start === null || end === null || !(start >= 0 && start < end)) break;
    const { value: placed } = await readFrames(log, start, end).next();
    if (placed === undefined || placed.end !== end) break;
    if (!placed.frame.continued) return { lines, end };
  }
  return { lines: 0, end: 0 };
}
