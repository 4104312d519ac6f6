import type { LogLine } from "@waybill/engine";
import type { Bench, StartedRun } from "./open-bench.ts";

/** All that is kept of a job's output, read as another command would. */
export async function readLog(bench: Bench, run: StartedRun, job: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of bench.ports.logs.read(run.handle.id, job)) lines.push(line);
  return lines;
}
