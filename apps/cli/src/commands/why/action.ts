import { explainJob, type JobExplanation, type LogLine } from "@waybill/engine";
import { openLogStore } from "@waybill/logs";
import type { CommandContext } from "../../context.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { readStoredJob, type StoredJob } from "../../files/stored-run.ts";
import { LINES_SHOWN, tellWhy, type WhyOptions } from "./tell-why.ts";

/** How far back lines are looked for among those of other steps. */
const LINES_READ = 1000;

export async function why(
  context: CommandContext,
  reference: string,
  job: string,
  options: WhyOptions,
): Promise<ExitCode> {
  const stored = await readStoredJob(context, reference, job);
  // It is there: `readStoredJob` has looked.
  const explanation = explainJob(stored, job) as JobExplanation;
  return await tellWhy(context, explanation, await lastLines(stored, explanation), options);
}

/** Of the step that failed last, or of the job where none did. */
async function lastLines(stored: StoredJob, { job, exit }: JobExplanation): Promise<readonly LogLine[]> {
  const logs = openLogStore(stored.paths.logs);
  const { id } = stored.run;
  const count = await logs.lineCount(id, job);
  const step = stored.definition.jobs.get(job)?.steps.findIndex(({ name }) => name === exit?.step) ?? -1;
  const lines: LogLine[] = [];
  for await (const line of logs.read(id, job, { fromLine: Math.max(0, count - LINES_READ) })) {
    if (step !== -1 && line.step !== step) continue;
    lines.push(line);
    if (lines.length > LINES_SHOWN) lines.shift();
  }
  return lines;
}
