import type { LogStore } from "@waybill/engine";
import * as z from "zod/mini";
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
  for await (const { time: at, stream, step, attempt, text } of logs.read(runId, jobName, {
    fromLine: from,
    maxLines: limit,
  })) {
    lines.push({ line: from + lines.length, time: timeOf(at), stream, step, attempt, text });
  }
  return lines;
}
