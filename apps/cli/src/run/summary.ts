import { causeText, endRemedy, retryRuleText } from "@waybill/engine";
import { formatDuration } from "../text/duration.ts";
import { safeLine, safeName } from "../text/safe-line.ts";
import { shellWord } from "../text/shell-word.ts";
import type { Style } from "../text/style.ts";
import { renderTable } from "../text/table.ts";
import { paintStatus } from "./plain.ts";
import { reasonText, statusWord } from "./reasons.ts";
import { lastLines, type JobState, type RunState } from "./run-state.ts";

/** Failed jobs whose output is repeated; the rest are in the logs. */
const MAX_FAILURES_SHOWN = 5;

export interface SummaryOptions {
  readonly style: Style;
  /** Whether every job stands on the screen already, with how it ended. */
  readonly jobsAreShown: boolean;
  /** The first artifact of the run, and how many there are; null: there are none. */
  readonly artifacts: { readonly job: string; readonly name: string; readonly count: number } | null;
  /** Whether a job ran in a container as a user without privileges. */
  readonly runsAsNobody?: (job: JobState) => boolean;
  /** Where the run is, for the commands that are named; left out: this machine. */
  readonly server?: string;
}

/** The end of a run for a person: every job, the last words of what failed, and where to look next. */
export function renderSummary(state: RunState, options: SummaryOptions): string {
  const { style, jobsAreShown, artifacts } = options;
  const { outcome } = state;
  if (outcome === null) return "";
  const where = options.server === undefined ? "" : ` --server ${shellWord(options.server)}`;
  const failed = [...state.jobs.values()].filter((job) => job.status === "failed");
  const parts = [
    "",
    jobsAreShown ? "" : jobTable(state, style),
    ...failed.slice(0, MAX_FAILURES_SHOWN).map((job) => failureText(job, options)),
    `${style.paint("bold", `Run ${state.number} of ${safeName(state.pipeline)}`)}: ${paintStatus(outcome.status, style)} in ${formatDuration(outcome.durationMs)}\n` +
      artifactsText(state.number, artifacts, where) +
      `Logs:      waybill logs ${state.number}${failed[0] === undefined ? "" : ` ${failed[0].name}`}${where}\n`,
  ];
  return parts.filter((part, index) => index === 0 || part !== "").join("\n");
}

function artifactsText(run: number, artifacts: SummaryOptions["artifacts"], where: string): string {
  if (artifacts === null) return "";
  const { job, name, count } = artifacts;
  const more = count === 1 ? "" : `, ${count} in all: waybill artifacts list ${run}${where}`;
  return `Artifacts: waybill artifacts get ${run} ${safeName(job)} ${shellWord(safeName(name))}${where}${more}\n`;
}

export function jobTable(state: RunState, style: Style): string {
  const jobs = [...state.jobs.values()];
  const rows = jobs.map((job) => [
    safeName(job.name),
    statusWord(job.status, job.reason),
    job.startedAt === null || job.durationMs === null ? "-" : formatDuration(job.durationMs),
    safeLine(reasonText(job.message, job.reason), false),
  ]);
  return renderTable([["JOB", "STATUS", "DURATION", "REASON"], ...rows], (padded, row, column) => {
    if (row === 0) return style.paint("dim", padded);
    if (column !== 1) return padded;
    const word = padded.trimEnd();
    return paintStatus(word, style) + padded.slice(word.length);
  });
}

/** The last words of a failed job, what it failed of, and what to do: all of it in one place. */
function failureText(job: JobState, options: SummaryOptions): string {
  const { style } = options;
  const { failure } = job;
  const lines = failure === null ? [] : lastLines(failure).map(({ line }) => `  ${safeLine(line, style.colour)}\n`);
  const title =
    failure === null || lines.length === 0
      ? `${job.name}: ${safeLine(reasonText(job.message, job.reason), false)}`
      : `The last lines of ${job.name}, step ${safeName(failure.step)}:`;
  const advice = adviceOf(job, options);
  if (lines.length === 0 && advice === "") return "";
  return `${style.paint("bold", title)}\n${lines.join("")}${advice}`;
}

function adviceOf(job: JobState, { style, runsAsNobody }: SummaryOptions): string {
  const { failure, verdict, reason } = job;
  const { category, cause, service, retry_rule: rule } = verdict;
  // Without them it is a record of an older version.
  if (category === undefined || cause === undefined) return "";
  const of = typeof service === "string" ? ` (${safeName(service)})` : "";
  const say = (title: string, text: string): string => `${style.paint("dim", `${title}:`)} ${text}\n`;
  const remedy =
    failure === null || reason !== "step_failed"
      ? ""
      : endRemedy({ exit_code: failure.exitCode, signal: failure.signal, cause }, runsAsNobody?.(job) ?? false);
  return [
    say("Category", `${category}${of}: ${causeText(cause)}`),
    // That nobody asked for it is no news.
    rule === undefined || rule === "no_retries" ? "" : say("Not tried again", retryRuleText(rule)),
    remedy === "" ? "" : say("What to do", remedy),
  ].join("");
}
