export type RunView = "graph" | "timeline" | "none";
export type JobTab = "log" | "why" | "results";

/** What of a run is shown, as the address has it. */
export interface RunSearch {
  /** Name of the selected job. */
  readonly job?: string;
  readonly view?: RunView;
  readonly tab?: JobTab;
  /** Selected lines of the log, from 1 as they are shown: `12` or `12-20`. */
  readonly line?: string;
}

export function runSearch(search: Record<string, unknown>): RunSearch {
  const { job, view, tab, line } = search;
  const lines = typeof line === "string" || typeof line === "number" ? String(line) : "";
  return {
    ...(typeof job === "string" || typeof job === "number" ? { job: String(job) } : {}),
    ...(view === "timeline" || view === "none" ? { view } : {}),
    ...(tab === "why" || tab === "results" ? { tab } : {}),
    ...(/^\d{1,9}(?:-\d{1,9})?$/.test(lines) ? { line: lines } : {}),
  };
}

/** Selected lines, from 0, both included; null: none. */
export function linesOf(line: string | undefined): readonly [first: number, last: number] | null {
  if (line === undefined) return null;
  const [first = 1, last = first] = line.split("-").map(Number);
  return first <= last ? [first - 1, last - 1] : [last - 1, first - 1];
}
