import type { FileHandle } from "node:fs/promises";

/*
 * The index has one entry a line, in order: the offset in the log just behind the line's frame, as a little-endian
 * double. Line n begins where line n - 1 ends. An entry is written after its frame, so an index that is too short is
 * normal after a crash; one that is too long happens only after a power cut.
 */

export const INDEX_ENTRY_BYTES = 8;

/** Entries that are whole. */
export async function countEntries(index: FileHandle): Promise<number> {
  return Math.floor((await index.stat()).size / INDEX_ENTRY_BYTES);
}

/** Where line `line` begins; null: the index does not say. Line n is known from the end of line n - 1. */
export async function readLineStart(index: FileHandle | null, line: number): Promise<number | null> {
  if (line === 0) return 0;
  if (index === null) return null;
  const entry = Buffer.alloc(INDEX_ENTRY_BYTES);
  const { bytesRead } = await index.read(entry, 0, INDEX_ENTRY_BYTES, (line - 1) * INDEX_ENTRY_BYTES);
  return bytesRead === INDEX_ENTRY_BYTES ? entry.readDoubleLE() : null;
}

/** How many of the first `count` entries lie within a log of `logBytes` bytes. Entries grow, so this halves its way. */
export async function countLinesWithin(index: FileHandle | null, count: number, logBytes: number): Promise<number> {
  const lastEnd = await readLineStart(index, count);
  if (lastEnd !== null && lastEnd <= logBytes) return count;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const start = await readLineStart(index, middle);
    if (start !== null && start <= logBytes) low = middle;
    else high = middle - 1;
  }
  return low;
}
