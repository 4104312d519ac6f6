import type { LogLine } from "@waybill/engine";
import type { CommandContext } from "../../context.ts";
import { plainLines } from "../../run/plain.ts";
import { GatheredOutput } from "../../text/gathered-output.ts";
import { safeLine } from "../../text/safe-line.ts";
import { styleFor } from "../../text/style.ts";
import { inTimeOrder } from "./in-time-order.ts";
import type { JobLog } from "./job-log.ts";
import type { SelectedJob } from "./selection.ts";

export type PrinterView = "json" | "labelled" | "bare";

type LineFormat = (job: string, step: string, line: LogLine) => string;

/** Writes lines of jobs in the form that was asked for. */
export class Printer {
  readonly #output: GatheredOutput;
  readonly #format: LineFormat;
  readonly #names: ReadonlyMap<string, SelectedJob["names"]>;

  constructor(context: CommandContext, selected: readonly SelectedJob[], view: PrinterView) {
    this.#output = new GatheredOutput(context.stdout);
    this.#names = new Map(selected.map(({ job, names }) => [job.id, names]));
    this.#format = view === "json" ? toJson : view === "labelled" ? labelled(context) : bare(context);
  }

  /** Prints what is there and was not printed yet. @returns whether there was anything */
  async print(opened: readonly JobLog[]): Promise<boolean> {
    let isAny = false;
    for await (const { log, lines } of inTimeOrder(opened)) {
      await this.add(log.job, lines);
      isAny = true;
    }
    return isAny;
  }

  async add(job: SelectedJob["job"], lines: readonly LogLine[]): Promise<void> {
    const names = this.#names.get(job.id);
    let text = "";
    for (const line of lines) text += this.#format(job.name, names?.get(line.step) ?? "", line);
    await this.#output.add(text);
  }

  async end(): Promise<void> {
    await this.#output.flush();
  }
}

function toJson(job: string, step: string, line: LogLine): string {
  const { attempt, stream, text } = line;
  return `${JSON.stringify({ time: new Date(line.time).toISOString(), job, step, attempt, stream, line: text })}\n`;
}

/** As `run` prints them. */
function labelled(context: CommandContext): LineFormat {
  const style = styleFor(context.stdout, context.env);
  return (job, step, { time, attempt, stream, text }) =>
    plainLines({ time, output: { job, step, attempt, stream, line: text } }, style);
}

/** For `logs RUN JOB > file`: what the job printed, harmless only where a terminal shows it. */
function bare(context: CommandContext): LineFormat {
  const { colour } = styleFor(context.stdout, context.env);
  return (_job, _step, line) => `${context.stdout.isTTY ? safeLine(line.text, colour) : line.text}\n`;
}
