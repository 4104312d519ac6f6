import type { LogProblems } from "../api/generated/operations.ts";

export type LogProblem = LogProblems["items"][number];
export type LogSection = LogProblems["sections"][number];

/** What the server found in a whole log, slice by slice. */
export interface JobProblems {
  readonly items: readonly LogProblem[];
  /** Lines of one step and attempt, in order. */
  readonly sections: readonly LogSection[];
}

export const NO_PROBLEMS: JobProblems = { items: [], sections: [] };

/** Adds the next slice to those before it: a section may go on in it. */
export function joined(before: JobProblems, slice: LogProblems): JobProblems {
  const sections = [...before.sections];
  for (const section of slice.sections) {
    const last = sections.at(-1);
    const goesOn =
      last?.step === section.step &&
      last.attempt === section.attempt &&
      last.from_line + last.lines === section.from_line;
    if (goesOn) sections[sections.length - 1] = { ...last, lines: last.lines + section.lines };
    else sections.push(section);
  }
  return { items: [...before.items, ...slice.items], sections };
}

/** Where to look first in the log of a job that failed. */
export interface FirstError {
  readonly line: number;
  readonly text: string;
}

/**
 * The first error of what the step that failed printed last, else of what ran last; null: no line looks like one.
 *
 * @param step position of the step that failed; null: it is not known
 */
export function firstError({ items, sections }: JobProblems, step: number | null): FirstError | null {
  const errors = items.filter(({ level }) => level === "error");
  const inSection = ({ from_line: from, lines }: LogSection): LogProblem | undefined =>
    errors.find(({ line }) => line >= from && line < from + lines);
  const last = sections.findLast((section) => section.step === step);
  const found = last === undefined ? undefined : inSection(last);
  if (found !== undefined) return found;
  return (
    sections
      .toReversed()
      .map(inSection)
      .find((error) => error !== undefined) ?? null
  );
}

/** The last line that a step printed, for where no line looks like an error; null: it printed nothing. */
export function lastLineOf({ sections }: JobProblems, step: number | null): number | null {
  const last = sections.findLast((section) => section.step === step) ?? sections.at(-1);
  return last === undefined ? null : last.from_line + last.lines - 1;
}
