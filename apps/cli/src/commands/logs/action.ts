import { WaybillError } from "@waybill/core";
import { isSettled, type LogLine, type RunRecord, type RunStore } from "@waybill/engine";
import { openLogStore } from "@waybill/logs";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { findRun, openRuns } from "../../files/find-run.ts";
import { findProject } from "../../files/pipeline-file.ts";
import { projectPaths } from "../../files/project.ts";
import { plainLines } from "../../run/plain.ts";
import { GatheredOutput } from "../../text/gathered-output.ts";
import { safeLine } from "../../text/safe-line.ts";
import { styleFor } from "../../text/style.ts";
import { inTimeOrder } from "./in-time-order.ts";
import { JobLog } from "./job-log.ts";
import { selectLogs, type SelectedJob } from "./selection.ts";
import { parseSince } from "./since.ts";

export interface LogsOptions {
  readonly step?: string;
  readonly follow?: boolean;
  readonly since?: string;
  readonly grep?: string;
  readonly tail?: number;
  readonly json?: boolean;
}

/** Between two looks at a run that another process drives. */
const LOOK_INTERVAL_MS = 200;

/** Looks without anything new, after which it is asked whether there still is such a process. */
const LOOKS_UNTIL_ASKED = 15;

export async function logs(
  context: CommandContext,
  reference: string,
  jobName: string | undefined,
  options: LogsOptions,
): Promise<ExitCode> {
  const since = options.since === undefined ? null : parseSince(options.since, context.clock.now());
  const matches = options.grep === undefined ? null : (await import("./grep.ts")).lineMatcher(options.grep);
  const paths = projectPaths(findProject(context, "run"));
  const store = await openRuns(paths);
  try {
    const run = await findRun(store, reference);
    if (store === null) return SUCCESS;
    const selected = await selectLogs(store, run, jobName, options.step);
    const logStore = openLogStore(paths.logs);
    const open = ({ job, wanted }: SelectedJob): JobLog =>
      new JobLog(logStore, run.id, job, {
        wants: ({ step, text }) =>
          (options.step === undefined || wanted.has(step)) && (matches === null || matches(text)),
        wantsAll: options.step === undefined && matches === null,
      });
    const opened = selected.map(open);
    for (const log of opened) {
      if (since !== null) await log.skipBefore(since);
      if (options.tail !== undefined) await log.skipToLast(options.tail);
    }
    const printer = new Printer(context, selected, options.json ? "json" : jobName === undefined ? "labelled" : "bare");
    await (options.follow ? follow(context, store, run, opened, printer) : printer.print(opened));
    await printer.end();
    if (await isOver(store, run.id)) await complain(opened, (job) => logStore.findLoss(run.id, job));
  } finally {
    await store?.close();
  }
  return SUCCESS;
}

/** Prints what there is and what comes, until the run, or the only job asked for, has ended. */
async function follow(
  context: CommandContext,
  store: RunStore,
  run: RunRecord,
  opened: readonly JobLog[],
  printer: Printer,
): Promise<void> {
  let open = opened;
  for (let quiet = 0; ;) {
    // First what is over, then what was printed: what has ended by now prints nothing more.
    const isRunOver = await isOver(store, run.id);
    const jobs = new Map((await store.jobs(run.id)).map(({ id, status }) => [id, status]));
    quiet = (await printer.print(open)) ? 0 : quiet + 1;
    await printer.end();
    open = open.filter(({ job }) => !isSettled(jobs.get(job.id) ?? "cancelled"));
    if (isRunOver || open.length === 0) return;
    if (quiet === LOOKS_UNTIL_ASKED && !(await isDriven(store, run.id))) {
      const note = `note: no process carries run ${run.number} on; waybill run --resume ${run.number} does\n`;
      await write(context.stderr, note);
    }
    await new Promise<void>((resolve) => context.clock.setTimer(LOOK_INTERVAL_MS, resolve));
  }
}

async function isDriven(store: RunStore, runId: string): Promise<boolean> {
  const claim = await store.claim(runId);
  if (claim === null) return true;
  await claim.release(false);
  return false;
}

async function isOver(store: RunStore, runId: string): Promise<boolean> {
  const run = await store.find(runId);
  return run === null || isSettled(run.status);
}

/** All that can be shown has been: what could not is said last. @throws WaybillError `STORE_LOG_DAMAGED` */
async function complain(opened: readonly JobLog[], findLoss: (job: string) => Promise<string | null>): Promise<void> {
  for (const { damage, job } of opened) {
    if (damage !== null) throw damage;
    const loss = await findLoss(job.name);
    if (loss !== null) throw new WaybillError("STORE_LOG_DAMAGED", { path: job.name, detail: loss });
  }
}

type LineFormat = (job: string, step: string, line: LogLine) => string;

class Printer {
  readonly #output: GatheredOutput;
  readonly #format: LineFormat;
  readonly #names: ReadonlyMap<string, SelectedJob["names"]>;

  constructor(context: CommandContext, selected: readonly SelectedJob[], view: "json" | "labelled" | "bare") {
    this.#output = new GatheredOutput(context.stdout);
    this.#names = new Map(selected.map(({ job, names }) => [job.id, names]));
    this.#format = view === "json" ? toJson : view === "labelled" ? labelled(context) : bare(context);
  }

  /** Prints what is there and was not printed yet. @returns whether there was anything */
  async print(opened: readonly JobLog[]): Promise<boolean> {
    let isAny = false;
    for await (const { log, lines } of inTimeOrder(opened)) {
      const names = this.#names.get(log.job.id);
      let text = "";
      for (const line of lines) text += this.#format(log.job.name, names?.get(line.step) ?? "", line);
      await this.#output.add(text);
      isAny = true;
    }
    return isAny;
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
