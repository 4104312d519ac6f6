import type { StatusReport } from "./outbox.ts";

/** Tells one forge how commits stand. */
export interface StatusReporter {
  /** As `StatusReport.forge`. */
  readonly forge: string;
  /**
   * Tells it. The same once more does no harm: whoever told it may die before writing down that it did.
   *
   * @param remoteId what it answered for this commit and context before; null: nothing yet
   * @returns what the forge calls it; null: it has no name
   * @throws WaybillError `FORGE_…`, `CIRCUIT_OPEN`
   */
  report(report: StatusReport, remoteId: string | null): Promise<string | null>;
  /** Until when it is no use to try, in milliseconds since the epoch. */
  readonly restUntil: number;
}

/** Text on one line, of at most so many UTF-16 units, which is what the strictest count of characters is. */
export function shortened(text: string, limit: number): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  if (line.length <= limit) return line;
  // Half of a character would be left at the end.
  return `${line.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
