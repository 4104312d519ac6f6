import { setTimeout } from "node:timers/promises";
import { isSettled, type RunRecord, type RunStore } from "@waybill/engine";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { findRun, openRuns } from "../../files/find-run.ts";
import { findProject } from "../../files/pipeline-file.ts";
import { projectPaths } from "../../files/project.ts";
import { openLocalEngine } from "../../run/wire.ts";
import { cancelText, type CancelOptions } from "./outcome.ts";

/** How often the store is looked at for the end of a run. */
const LOOK_MS = 100;

/** @throws WaybillError `CLI_RUN_NOT_FOUND`, `RUN_OVER` */
export async function cancel(context: CommandContext, reference: string, options: CancelOptions): Promise<ExitCode> {
  const paths = projectPaths(findProject(context, "run"));
  // A database is not made by looking for a run in it.
  const runs = await openRuns(paths);
  let run: RunRecord;
  try {
    run = await findRun(runs, reference);
  } finally {
    await runs?.close();
  }
  await using local = await openLocalEngine(context, paths);
  const answer = await local.engine.cancel(run);
  if (answer === "requested" && options.wait) {
    if (!options.json)
      await write(context.stderr, `Waiting for the process that drives run ${run.number} to end it.\n`);
    await untilSettled(local.store, run);
  }
  const { status } = await findRun(local.store, run.id);
  if (options.json) await writeJson(context, { run: run.id, number: run.number, status });
  else await write(context.stdout, cancelText(run, status));
  return SUCCESS;
}

async function untilSettled(store: RunStore, run: RunRecord): Promise<void> {
  while (!isSettled((await findRun(store, run.id)).status)) await setTimeout(LOOK_MS);
}
