import type { Find } from "../../log/log-search-bar.tsx";

export type RunView = "graph" | "timeline" | "artifacts" | "environment" | "trigger" | "none";
export type JobTab = "log" | "why" | "results";

const VIEWS: readonly string[] = ["timeline", "artifacts", "environment", "trigger", "none"] satisfies RunView[];

/** What of a run is shown, as the address has it. */
export interface RunSearch {
  /** Name of the selected job. */
  readonly job?: string;
  readonly view?: RunView;
  readonly tab?: JobTab;
  /** Selected lines of the log, from 1 as they are shown: `12` or `12-20`. */
  readonly line?: string;
  /** What is looked for in the log. */
  readonly find?: string;
  /** How: `c` capital letters count, `r` it is a regular expression. */
  readonly by?: string;
}

export function runSearch(search: Record<string, unknown>): RunSearch {
  const { job, view, tab, line, find, by } = search;
  const lines = typeof line === "string" || typeof line === "number" ? String(line) : "";
  return {
    ...(typeof job === "string" || typeof job === "number" ? { job: String(job) } : {}),
    ...(typeof view === "string" && VIEWS.includes(view) ? { view: view as RunView } : {}),
    ...(tab === "why" || tab === "results" ? { tab } : {}),
    ...(/^\d{1,9}(?:-\d{1,9})?$/.test(lines) ? { line: lines } : {}),
    ...(typeof find === "string" && find !== "" ? { find: find.slice(0, 500) } : {}),
    ...(typeof by === "string" && /^c?r?$/.test(by) && by !== "" ? { by } : {}),
  };
}

/** Selected lines, from 0, both included; null: none. */
export function linesOf(line: string | undefined): readonly [first: number, last: number] | null {
  if (line === undefined) return null;
  const [first = 1, last = first] = line.split("-").map((number) => Math.max(1, Number(number)));
  return first <= last ? [first - 1, last - 1] : [last - 1, first - 1];
}

export function findOf({ find = "", by = "" }: RunSearch): Find {
  return { text: find, isExact: by.includes("c"), isRegex: by.includes("r") };
}

export function searchOf({ text, isExact, isRegex }: Find): Record<"find" | "by", string | undefined> {
  const by = `${isExact ? "c" : ""}${isRegex ? "r" : ""}`;
  return { find: text === "" ? undefined : text, by: by === "" ? undefined : by };
}
