import { WaybillError } from "@waybill/core";
import { isSettled, type RunRecord, type RunStore } from "@waybill/engine";
import { openLogStore } from "@waybill/logs";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { findRun, openRuns } from "../../files/find-run.ts";
import { findProject } from "../../files/pipeline-file.ts";
import { projectPaths } from "../../files/project.ts";
import type { JobLog } from "./job-log.ts";
import { openLogs, readWanted, viewOf, type LogsOptions } from "./opening.ts";
import { Printer } from "./printer.ts";
import { selectLogs } from "./selection.ts";

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
  const wanted = await readWanted(context, options);
  const paths = projectPaths(findProject(context, "run"));
  const store = await openRuns(paths);
  try {
    const run = await findRun(store, reference);
    if (store === null) return SUCCESS;
    const selected = await selectLogs(store, run, jobName, options.step);
    const logStore = openLogStore(paths.logs);
    const opened = await openLogs(logStore, run.id, selected, wanted);
    const printer = new Printer(context, selected, viewOf(jobName, options));
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
