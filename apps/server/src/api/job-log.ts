import type { LogStore } from "@waybill/engine";
import * as z from "zod/mini";
import { regularMatcher } from "./log-matcher.ts";
import { named, time, timeOf } from "./schemas.ts";

const logLine = named(
  "LogLine",
  z.object({
    /** From 0. */
    line: z.int(),
    time,
    stream: z.enum(["stdout", "stderr", "system"]),
    /** Position of the step, from 0. */
    step: z.int(),
    attempt: z.int(),
    text: z.string(),
  }),
);

export type LogLineJson = z.infer<typeof logLine>;

export const logPage = named(
  "LogPage",
  z.object({ items: z.array(logLine), next_line: z.int(), total_lines: z.int() }),
);

/** @throws WaybillError `STORE_LOG_DAMAGED` */
export async function readLog(
  logs: LogStore,
  runId: string,
  jobName: string,
  from: number,
  limit: number,
): Promise<LogLineJson[]> {
  const lines: LogLineJson[] = [];
  for await (const line of linesOf(logs, runId, jobName, from, limit)) lines.push(line);
  return lines;
}

async function* linesOf(
  logs: LogStore,
  runId: string,
  jobName: string,
  from: number,
  limit: number,
): AsyncGenerator<LogLineJson> {
  let number = from;
  for await (const { time: at, stream, step, attempt, text } of logs.read(runId, jobName, {
    fromLine: from,
    maxLines: limit,
  })) {
    yield { line: number, time: timeOf(at), stream, step, attempt, text };
    number += 1;
  }
}

/** Lines that one search looks at. The page says where the next one goes on. */
const MAX_SEARCHED = 20_000;

export interface LogPageQuery {
  readonly from: number;
  readonly limit: number;
  readonly tail?: number | undefined;
  readonly step?: number | undefined;
  readonly q?: string | undefined;
}

/** @throws WaybillError `API_LOG_PATTERN`, `STORE_LOG_DAMAGED` */
export async function readLogPage(
  logs: LogStore,
  runId: string,
  jobName: string,
  { from: first, limit, tail, step, q }: LogPageQuery,
): Promise<z.infer<typeof logPage>> {
  const matches = q === undefined ? null : await regularMatcher(q);
  const total = await logs.lineCount(runId, jobName);
  const from = tail === undefined ? first : Math.max(0, total - tail);
  const wanted = tail ?? limit;
  if (matches === null && step === undefined) {
    const items = await readLog(logs, runId, jobName, from, wanted);
    return { items, next_line: Math.min(from + wanted, Math.max(total, from)), total_lines: total };
  }
  const items: LogLineJson[] = [];
  let next = from;
  for await (const line of linesOf(logs, runId, jobName, from, tail ?? MAX_SEARCHED)) {
    if (items.length >= wanted) break;
    next = line.line + 1;
    if ((step === undefined || line.step === step) && (matches === null || matches(line.text))) items.push(line);
  }
  return { items, next_line: next, total_lines: total };
}
