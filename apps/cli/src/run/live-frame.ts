import type { JobStatus } from "@waybill/engine";
import sliceAnsi from "slice-ansi";
import { formatDuration } from "../text/duration.ts";
import { safeLine, safeName } from "../text/safe-line.ts";
import type { Style } from "../text/style.ts";
import { reasonText, statusWord } from "./reasons.ts";
import type { JobState, RunState } from "./run-state.ts";
import type { TreeEntry } from "./tree-order.ts";

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export interface FrameOptions {
  readonly tree: readonly TreeEntry[];
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Counts the frames; moves the spinner. */
  readonly tick: number;
  /** A word to the user below everything, such as how to cancel; empty: none. */
  readonly message: string;
  readonly style: Style;
}

/**
 * The live view at one instant: never higher or wider than the terminal.
 *
 * With room for it, the whole tree and below each running job its latest line of output. Without, finished and
 * waiting jobs become a count each; then the output goes; then the running jobs that do not fit are counted too.
 */
export function renderFrame(state: RunState, options: FrameOptions): string {
  // A terminal scrolls when its last line is ended, hence one row less.
  const room = Math.max(1, options.rows - 1);
  const head = [headLine(state, options)];
  const foot = options.message === "" ? [] : [options.style.paint("yellow", options.message)];
  const space = room - head.length - foot.length;
  const body =
    [fullTree(state, options), collapsed(state, options, true), collapsed(state, options, false)].find(
      (lines) => lines.length <= space,
    ) ?? overfull(collapsed(state, options, false), space);
  // Narrower by one than the terminal: a full line would wrap on some of them.
  const width = Math.max(1, options.columns - 1);
  return [...head, ...body, ...foot]
    .slice(0, room)
    .map((line) => sliceAnsi(line, 0, width))
    .join("\n");
}

/** Whether the frame shows the whole tree and nothing is cut or counted. */
export function fitsWhole(state: RunState, options: FrameOptions): boolean {
  return fullTree(state, options).length + 2 <= options.rows;
}

function headLine(state: RunState, { style, now }: FrameOptions): string {
  const jobs = [...state.jobs.values()];
  const done = jobs.filter((job) => isOver(job.status)).length;
  const took = state.outcome?.durationMs ?? now - (state.startedAt ?? now);
  const title = style.paint("bold", `Run ${state.number} of ${safeName(state.pipeline)}`);
  return `${title}  ${done}/${jobs.length} jobs  ${style.paint("dim", formatDuration(took))}`;
}

function fullTree(state: RunState, options: FrameOptions): string[] {
  return options.tree.flatMap(({ job: name, prefix }) => {
    const job = state.jobs.get(name);
    if (job === undefined) return [];
    // Beside a job's line of output, the branches to its siblings go on.
    const rail = prefix.replace("├─", "│ ").replace("└─", "  ");
    return jobLines(job, options, options.style.paint("dim", prefix), `${rail}  `, true);
  });
}

/** Failed and running jobs by name, the others counted. */
function collapsed(state: RunState, options: FrameOptions, withOutput: boolean): string[] {
  const jobs = options.tree.flatMap(({ job }) => state.jobs.get(job) ?? []);
  const count = (...statuses: JobStatus[]): number => jobs.filter((job) => statuses.includes(job.status)).length;
  const counts = (
    [
      ["green", "✓", count("success"), "succeeded"],
      ["yellow", "-", count("cancelled"), "cancelled or skipped"],
      ["dim", "·", count("pending"), "waiting"],
    ] as const
  )
    .filter(([, , number]) => number > 0)
    .map(([format, mark, number, word]) => options.style.paint(format, `${mark} ${number} ${word}`));
  return [
    ...(counts.length === 0 ? [] : [counts.join("  ")]),
    ...jobs
      .filter((job) => job.status === "failed" || isActive(job.status))
      // What runs is what is looked at; what failed is told again at the end.
      .toSorted((a, b) => Number(isActive(b.status)) - Number(isActive(a.status)))
      .flatMap((job) => jobLines(job, options, "", "  ", withOutput)),
  ];
}

function overfull(lines: readonly string[], space: number): string[] {
  if (space <= 0) return [];
  const shown = lines.slice(0, space - 1);
  return [...shown, `… and ${lines.length - shown.length} more`];
}

function jobLines(job: JobState, options: FrameOptions, prefix: string, indent: string, withOutput: boolean): string[] {
  const { style, now, tick } = options;
  const took = durationOf(job, now);
  const line = [
    `${prefix}${markOf(job, tick, style)} ${isActive(job.status) ? style.paint("bold", job.name) : job.name}`,
    ...(took === null ? [] : [style.paint("dim", formatDuration(took))]),
    ...detailsOf(job, style),
  ].join("  ");
  const last = job.unfinished === "" ? job.lines.at(-1)?.line : job.unfinished;
  if (!withOutput || job.status !== "running" || last === undefined) return [line];
  return [line, style.paint("dim", indent + safeLine(last, false).replaceAll("\t", "  "))];
}

function detailsOf(job: JobState, style: Style): string[] {
  switch (job.status) {
    case "running":
      return [
        style.paint(
          "dim",
          [safeName(job.step ?? ""), job.attempt > 1 ? `attempt ${job.attempt}` : ""].filter(Boolean).join(", "),
        ),
      ];
    case "retry":
      return [style.paint("yellow", `waits for attempt ${job.attempt + 1}: ${safeLine(job.message, false)}`)];
    case "failed":
    case "cancelled": {
      const why = reasonText(job.message, job.reason);
      const word = statusWord(job.status, job.reason);
      return [
        style.paint(job.status === "failed" ? "red" : "yellow", safeLine(why === "" ? word : `${word}: ${why}`, false)),
      ];
    }
    case "pending":
      return job.reason === "held" ? [style.paint("yellow", safeLine(reasonText(job.message, job.reason), false))] : [];
    case "success":
      return [];
  }
}

function durationOf(job: JobState, now: number): number | null {
  if (job.startedAt === null) return null;
  return job.durationMs ?? now - job.startedAt;
}

function markOf(job: JobState, tick: number, style: Style): string {
  switch (job.status) {
    case "pending":
      return style.paint("dim", "·");
    case "running":
      return style.paint("cyan", SPINNER[tick % SPINNER.length] ?? "");
    case "retry":
      return style.paint("yellow", "↻");
    case "success":
      return style.paint("green", "✓");
    case "failed":
      return style.paint("red", "✗");
    case "cancelled":
      return style.paint("yellow", "-");
  }
}

function isActive(status: JobStatus): boolean {
  return status === "running" || status === "retry";
}

function isOver(status: JobStatus): boolean {
  return !isActive(status) && status !== "pending";
}
