import { WaybillError } from "@waybill/core";
import type { JobRecord, LogLine, RunStore, StepRecord } from "@waybill/engine";
import { openLogStore } from "@waybill/logs";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { findRun, openRuns } from "../../files/find-run.ts";
import { findProject } from "../../files/pipeline-file.ts";
import { projectPaths } from "../../files/project.ts";
import { plainLines } from "../../run/plain.ts";
import { hintFor } from "../../text/hint.ts";
import { safeLine } from "../../text/safe-line.ts";
import { styleFor } from "../../text/style.ts";

export interface LogsOptions {
  readonly step?: string;
  readonly json?: boolean;
}

/** Lines are gathered into pieces of this size, so that a large log is not a write per line. */
const WRITE_SIZE = 64 * 1024;

export async function logs(
  context: CommandContext,
  reference: string,
  jobName: string | undefined,
  options: LogsOptions,
): Promise<ExitCode> {
  const paths = projectPaths(await findProject(context, "run"));
  const store = await openRuns(paths);
  try {
    const run = await findRun(store, reference);
    if (store === null) return SUCCESS;
    const jobs = await chooseJobs(store, run, jobName);
    const steps = Map.groupBy(await store.steps(run.id), (step) => step.jobId);
    const logStore = openLogStore(paths.logs);
    const selected = jobs.map((job) => ({ job, ...chooseSteps(steps.get(job.id) ?? [], options.step) }));
    if (options.step !== undefined && selected.every(({ wanted }) => wanted.size === 0)) {
      throw unknownStep(
        options.step,
        jobs.flatMap((job) => steps.get(job.id) ?? []),
      );
    }
    const format = options.json ? toJson : jobName === undefined ? withJob(context) : bare(context);
    let piece = "";
    for (const { job, names, wanted } of selected) {
      for await (const line of logStore.read(run.id, job.name)) {
        if (!wanted.has(line.step)) continue;
        piece += format(job.name, names.get(line.step) ?? "", line);
        if (piece.length < WRITE_SIZE) continue;
        await write(context.stdout, piece);
        piece = "";
      }
    }
    await write(context.stdout, piece);
  } finally {
    await store?.close();
  }
  return SUCCESS;
}

type LineFormat = (job: string, step: string, line: LogLine) => string;

function toJson(job: string, step: string, line: LogLine): string {
  const { attempt, stream, text } = line;
  return `${JSON.stringify({ time: new Date(line.time).toISOString(), job, step, attempt, stream, line: text })}\n`;
}

/** As `run` prints them. */
function withJob(context: CommandContext): LineFormat {
  const style = styleFor(context.stdout, context.env);
  return (job, step, { time, attempt, stream, text }) =>
    plainLines({ time, output: { job, step, attempt, stream, line: text } }, style);
}

/** For `logs RUN JOB > file`: what the job printed, harmless only where a terminal shows it. */
function bare(context: CommandContext): LineFormat {
  const { colour } = styleFor(context.stdout, context.env);
  return (_job, _step, line) => `${context.stdout.isTTY ? safeLine(line.text, colour) : line.text}\n`;
}

async function chooseJobs(
  store: RunStore,
  run: { readonly id: string; readonly number: number },
  name: string | undefined,
): Promise<readonly JobRecord[]> {
  const jobs = await store.jobs(run.id);
  if (name === undefined) return jobs;
  const job = jobs.find((candidate) => candidate.name === name);
  if (job !== undefined) return [job];
  const hint = hintFor(
    name,
    jobs.map((candidate) => candidate.name),
    "jobs",
  );
  throw new WaybillError("CLI_UNKNOWN_JOB", { run: run.number, job: name, hint });
}

/** Names of the job's steps by position, and the positions that were asked for, by name or by number from 1. */
function chooseSteps(
  steps: readonly StepRecord[],
  asked: string | undefined,
): { readonly names: ReadonlyMap<number, string>; readonly wanted: ReadonlySet<number> } {
  const names = new Map(steps.map((step) => [step.position, step.name]));
  const byName = steps.filter((step) => step.name === asked);
  const matching =
    asked === undefined
      ? steps
      : byName.length > 0
        ? byName
        : steps.filter((step) => String(step.position + 1) === asked);
  return { names, wanted: new Set(matching.map((step) => step.position)) };
}

function unknownStep(asked: string, steps: readonly StepRecord[]): WaybillError {
  return new WaybillError("CLI_UNKNOWN_STEP", {
    step: asked,
    hint: hintFor(asked, new Set(steps.map((step) => step.name)), "steps"),
  });
}
