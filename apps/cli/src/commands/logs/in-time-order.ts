import type { LogLine } from "@waybill/engine";
import type { JobLog } from "./job-log.ts";

interface Head {
  readonly log: JobLog;
  /** Position of the log: of lines of one instant, those of the first job come first. */
  readonly order: number;
  readonly lines: readonly LogLine[];
  next: number;
}

/** The lines of several jobs as they were printed: by time, each job's own in their order. Ends where all are read. */
export async function* inTimeOrder(
  logs: readonly JobLog[],
): AsyncGenerator<{ readonly log: JobLog; readonly lines: readonly LogLine[] }> {
  const heads: Head[] = [];
  for (const [order, log] of logs.entries()) {
    const lines = await nextLines(log);
    if (lines !== null) insert(heads, { log, order, lines, next: 0 });
  }
  for (let first = heads.pop(); first !== undefined; first = heads.pop()) {
    const { log, order, lines } = first;
    // As many as are due before any other job's: usually a whole chunk.
    const rival = heads.at(-1);
    const from = first.next;
    let to = from + 1;
    while (to < lines.length && (rival === undefined || isBefore(timeAt(lines, to), order, rival))) to += 1;
    yield { log, lines: lines.slice(from, to) };
    if (to < lines.length) {
      insert(heads, { ...first, next: to });
      continue;
    }
    const more = await nextLines(log);
    if (more !== null) insert(heads, { log, order, lines: more, next: 0 });
  }
}

/** Never empty. */
async function nextLines(log: JobLog): Promise<readonly LogLine[] | null> {
  for (;;) {
    const lines = await log.next();
    if (lines === null || lines.length > 0) return lines;
  }
}

/** Keeps the heads in order, the one that is due first at the end. */
function insert(heads: Head[], head: Head): void {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(timeAt(head.lines, head.next), head.order, heads[middle] as Head)) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, head);
}

function isBefore(time: number, order: number, other: Head): boolean {
  const otherTime = timeAt(other.lines, other.next);
  return time < otherTime || (time === otherTime && order < other.order);
}

function timeAt(lines: readonly LogLine[], index: number): number {
  return (lines[index] as LogLine).time;
}
