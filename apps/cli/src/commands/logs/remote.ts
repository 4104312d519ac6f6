import { isSettled, type LogLine } from "@waybill/engine";
import type { CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import {
  jobRecord,
  jobsAnswer,
  lineAnswer,
  linesAnswer,
  stepRecords,
  type JobAnswer,
  type LineAnswer,
} from "../../server/answers.ts";
import type { ApiClient } from "../../server/api-client.ts";
import { openClient } from "../../server/choose-server.ts";
import { findRemoteRun } from "../../server/find-remote.ts";
import type { JobLog } from "./job-log.ts";
import { openLogs, readWanted, viewOf, type LogReader, type LogsOptions } from "./opening.ts";
import { Printer } from "./printer.ts";
import { selectLogs } from "./selection.ts";

/** @throws WaybillError `SERVER_*`, `CLI_UNKNOWN_JOB`, `CLI_UNKNOWN_STEP`, or what the server says */
export async function logsRemote(
  context: CommandContext,
  reference: string,
  jobName: string | undefined,
  options: LogsOptions,
): Promise<ExitCode> {
  const wanted = await readWanted(context, options);
  const client = await openClient(context, options);
  const run = await findRemoteRun(client, reference);
  const { items } = await client.get(`/v1/pipeline-runs/${run.id}/jobs`, jobsAnswer);
  const records = { jobs: async () => items.map(jobRecord), steps: async () => items.flatMap(stepRecords) };
  const selected = await selectLogs(records, run, jobName, options.step);
  const opened = await openLogs(remoteLogs(client, items), run.id, selected, wanted);
  const printer = new Printer(context, selected, viewOf(jobName, options));
  await printer.print(opened);
  await printer.end();
  if (options.follow) await Promise.all(opened.map((log) => follow(client, log, printer)));
  return SUCCESS;
}

/** Each job has a stream of its own, which ends when the job has settled. */
async function follow(client: ApiClient, log: JobLog, printer: Printer): Promise<void> {
  if (isSettled(log.job.status)) return;
  const stream = client.events(`/v1/jobs/${log.job.id}/logs`, { follow: true, from: log.position });
  for await (const { data } of stream) {
    const line = logLine(lineAnswer.parse(JSON.parse(data)));
    if (log.wants(line)) await printer.add(log.job, [line]);
  }
  await printer.end();
}

/** The logs of a run of a server, read in pages. */
function remoteLogs(client: ApiClient, jobs: readonly JobAnswer[]): LogReader {
  const ids = new Map(jobs.map(({ id, name }) => [name, id]));
  const pathOf = (job: string): string => `/v1/jobs/${ids.get(job) ?? ""}/logs`;
  return {
    async *read(_runId, job, { fromLine: from = 0, maxLines = Number.POSITIVE_INFINITY } = {}) {
      for (let next = from, left = maxLines; left > 0;) {
        const limit = Math.min(left, LINES_AT_ONCE);
        const { items } = await client.get(pathOf(job), linesAnswer, { from: next, limit });
        yield* items.map(logLine);
        if (items.length < limit) return;
        next += items.length;
        left -= items.length;
      }
    },
    async lineCount(_runId, job) {
      return (await client.get(pathOf(job), linesAnswer, { from: 0, limit: 1 })).total_lines;
    },
  };
}

const LINES_AT_ONCE = 5_000;

function logLine({ time, stream, step, attempt, text }: LineAnswer): LogLine {
  return { time, stream, step, attempt, text, sourceOffset: 0 };
}
