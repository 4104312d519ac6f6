import type { Clock } from "@waybill/core";
import type { LogLine, LogStore } from "@waybill/engine";

/** One request looks at so many lines at most, and takes about so long; its answer says where the next one goes on. */
const MAX_LINES = 250_000;
const MAX_MS = 400;
/** How often the time is looked at. */
const LINES_BETWEEN = 1_000;

export interface Scanned {
  /** The line that nobody has looked at yet. */
  readonly nextLine: number;
  readonly totalLines: number;
}

/**
 * Goes through lines of a job's log from `from` on, in bounded time.
 *
 * @param visit false: it has enough, and the line counts as looked at
 * @throws WaybillError `STORE_LOG_DAMAGED`
 */
export async function scanLog(
  logs: LogStore,
  clock: Clock,
  { runId, jobName, from }: { readonly runId: string; readonly jobName: string; readonly from: number },
  visit: (line: LogLine, number: number) => boolean,
): Promise<Scanned> {
  const totalLines = await logs.lineCount(runId, jobName);
  const begun = clock.monotonic();
  let number = from;
  for await (const line of logs.read(runId, jobName, { fromLine: from, maxLines: MAX_LINES })) {
    const goesOn = visit(line, number);
    number += 1;
    if (!goesOn || (number % LINES_BETWEEN === 0 && clock.monotonic() - begun > MAX_MS)) break;
  }
  // What was written meanwhile is there for the next one.
  return { nextLine: number, totalLines: Math.max(totalLines, number) };
}
