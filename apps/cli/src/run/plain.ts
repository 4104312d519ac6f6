import type { EngineNotice, RunEvent } from "@waybill/engine";
import { formatDuration, plural } from "../text/duration.ts";
import { safeLine, safeName } from "../text/safe-line.ts";
import type { Style } from "../text/style.ts";
import { reasonText, statusWord } from "./reasons.ts";

/**
 * A run as lines, for pipes and files. What a job prints stands behind its name and `|`, or `!` for its standard
 * error; what Waybill says about it behind `*`:
 *
 *     build * compile
 *     build | compiling
 *     build ! a warning
 *     build * success in 1.2 s
 *
 * @returns whole lines, each with its line break: written in one piece they cannot run into each other
 */
export function plainLines(notice: EngineNotice, style: Style): string {
  if ("event" in notice) return eventLines(notice.event, style);
  const { job, stream, line } = notice.output;
  const text = safeLine(line, style.colour);
  if (stream === "stdout") return `${label(job, "|", style)} ${text}\n`;
  if (stream === "stderr") return `${label(job, style.paint("yellow", "!"), style)} ${text}\n`;
  return `${label(job, "*", style)} ${text}\n`;
}

function eventLines(event: RunEvent, style: Style): string {
  switch (event.type) {
    case "run.started":
      return `${style.paint("bold", `Run ${event.number} of ${safeName(event.pipeline)}`)}: ${plural(event.jobs.length, "job")}\n`;
    case "run.resumed":
      return `${style.paint("bold", `Run ${event.number} of ${safeName(event.pipeline)} goes on`)}: ${plural(event.jobs.length, "job")} left\n`;
    case "job.held":
      return say(event.job, `${style.paint("yellow", "held")}: ${safeName(event.message)}`, style);
    case "job.released":
      return say(event.job, safeName(event.message), style);
    case "job.started":
      return say(event.job, startText(event), style);
    case "job.retry": {
      const next = `next attempt in ${formatDuration(event.delay_ms)}`;
      if (event.held === true) return say(event.job, `waits on: ${safeName(event.message)}; ${next}`, style);
      const what = event.step === null ? "attempt" : `step ${safeName(event.step)}: attempt`;
      const cause = reasonText(event.message, event.reason);
      return say(event.job, `${what} ${event.attempt} failed: ${cause}; ${next}`, style);
    }
    case "step.started":
      return say(
        event.job,
        event.attempt === 1 ? `step ${safeName(event.step)}` : `step ${safeName(event.step)}, attempt ${event.attempt}`,
        style,
      );
    case "step.finished":
      return say(event.job, `step ${safeName(event.step)}: ${stepEnd(event, style)}`, style);
    case "job.finished": {
      const why = reasonText(event.message, event.reason);
      const status = paintStatus(statusWord(event.status, event.reason), style);
      // What never started took no time worth telling.
      const took = event.attempts === 0 ? "" : ` in ${formatDuration(event.duration_ms)}`;
      return say(event.job, `${status}${took}${why === "" ? "" : `: ${why}`}`, style);
    }
    // The summary tells of the end.
    case "run.finished":
      return "";
    default:
      event satisfies never;
      return "";
  }
}

/** A place of its own is worth a word, a plain process is not: it has had a warning. */
function startText({ executor, attempt }: Extract<RunEvent, { type: "job.started" }>): string {
  const place = executor === "process" ? "" : ` in ${safeName(executor)}`;
  return `started${place}${attempt === 1 ? "" : `, attempt ${attempt}`}`;
}

function stepEnd(event: Extract<RunEvent, { type: "step.finished" }>, style: Style): string {
  const took = `in ${formatDuration(event.duration_ms)}`;
  const status = paintStatus(event.status, style);
  if (event.status === "success") return `${status} ${took}`;
  if (event.signal !== null) return `${status} ${took}, ended by ${event.signal}`;
  if (event.exit_code !== null) return `${status} ${took}, exit code ${event.exit_code}`;
  return `${status} ${took}`;
}

/** The colour of a status, the same wherever one is shown. */
export function paintStatus(status: string, style: Style): string {
  switch (status) {
    case "success":
      return style.paint("green", status);
    case "failed":
      return style.paint("red", status);
    case "cancelled":
    case "retry":
      return style.paint("yellow", status);
    case "running":
      return style.paint("cyan", status);
    default:
      return style.paint("dim", status);
  }
}

function say(job: string, text: string, style: Style): string {
  return `${label(job, "*", style)} ${safeLine(text, style.colour)}\n`;
}

/** Names are safe by rule; a record of another version of Waybill may hold anything. */
function label(job: string, mark: string, style: Style): string {
  return `${style.paint("cyan", safeName(job))} ${mark}`;
}
