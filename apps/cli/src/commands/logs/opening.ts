import type { LogStore } from "@waybill/engine";
import type { CommandContext } from "../../context.ts";
import type { ServerChoice } from "../../server/choose-server.ts";
import { JobLog } from "./job-log.ts";
import type { PrinterView } from "./printer.ts";
import type { SelectedJob } from "./selection.ts";
import { parseSince } from "./since.ts";

export interface LogsOptions extends ServerChoice {
  readonly step?: string;
  readonly follow?: boolean;
  readonly since?: string;
  readonly grep?: string;
  readonly tail?: number;
  readonly json?: boolean;
}

/** What is asked for of the logs, all of it checked. */
export interface WantedLines {
  /** Milliseconds since the epoch; null: from the beginning. */
  readonly since: number | null;
  readonly tail: number | null;
  /** Whether only certain steps are asked for. */
  readonly isOfSteps: boolean;
  readonly matches: ((text: string) => boolean) | null;
}

/** @throws WaybillError `CLI_LOGS_SINCE`, `CLI_LOGS_PATTERN` */
export async function readWanted(context: CommandContext, options: LogsOptions): Promise<WantedLines> {
  return {
    since: options.since === undefined ? null : parseSince(options.since, context.clock.now()),
    matches: options.grep === undefined ? null : (await import("./grep.ts")).lineMatcher(options.grep),
    tail: options.tail ?? null,
    isOfSteps: options.step !== undefined,
  };
}

/** The logs of the jobs, each where its first wanted line is. */
export async function openLogs(
  store: LogReader,
  runId: string,
  selected: readonly SelectedJob[],
  { since, tail, isOfSteps, matches }: WantedLines,
): Promise<readonly JobLog[]> {
  const opened = selected.map(
    ({ job, wanted }) =>
      new JobLog(store, runId, job, {
        wants: ({ step, text }) => (!isOfSteps || wanted.has(step)) && (matches === null || matches(text)),
        wantsAll: !isOfSteps && matches === null,
      }),
  );
  for (const log of opened) {
    if (since !== null) await log.skipBefore(since);
    if (tail !== null) await log.skipToLast(tail);
  }
  return opened;
}

/** The part of a log store that reads. */
export type LogReader = Pick<LogStore, "read" | "lineCount">;

export function viewOf(jobName: string | undefined, { json }: LogsOptions): PrinterView {
  return json ? "json" : jobName === undefined ? "labelled" : "bare";
}
