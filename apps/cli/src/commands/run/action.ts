import type { ExecutorMode } from "@waybill/executors";
import { runsAsNobody, type RunHandle, type RunResult } from "@waybill/engine";
import { write, type CommandContext } from "../../context.ts";
import { FAILED, INTERRUPTED, SUCCESS, type ExitCode } from "../../exit-codes.ts";
import type { ParameterOptions } from "../../options.ts";
import { onReaderGone } from "../../process-events.ts";
import { chooseView, loadRenderer } from "../../run/create-renderer.ts";
import { Interruption } from "../../run/interruption.ts";
import type { Renderer } from "../../run/renderer.ts";
import { RunState, type JobState } from "../../run/run-state.ts";
import { renderSummary, type SummaryOptions } from "../../run/summary.ts";
import { openLocalEngine, type LocalEngine } from "../../run/wire.ts";
import { styleFor } from "../../text/style.ts";
import { newRun, oldRun } from "./opening.ts";

export interface RunOptions extends ParameterOptions {
  readonly concurrency?: number;
  readonly executor: ExecutorMode;
  readonly job: readonly string[];
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly secrets?: string;
  /** The run to go on with. */
  readonly resume?: string;
}

/** How long a killed run may take to clean up after itself. */
const KILL_PATIENCE_MS = 5_000;

/** How long it has at least: somebody who holds Ctrl-C down must not leave processes and directories behind. */
const KILL_TIME_MS = 1_000;

export async function run(context: CommandContext, file: string | undefined, options: RunOptions): Promise<ExitCode> {
  const { resume } = options;
  const opening =
    resume === undefined ? await newRun(context, file, options) : await oldRun(context, file, resume, options);
  using interruption = new Interruption();
  await using local = await openLocalEngine(context, opening.paths, options.executor);
  const view = chooseView(context, options);
  const openRenderer = await loadRenderer(context, view);
  for (const warning of await local.engine.sweep()) await write(context.stderr, `warning: ${warning}\n`);
  for (const warning of await local.executors.prepare(await opening.jobs(local))) {
    await write(context.stderr, `warning: ${warning}\n`);
  }
  const { handle, definition, history } = await opening.begin(local);
  const state = new RunState();
  for (const notice of history) state.apply(notice);
  const dependencies = new Map([...definition.jobs.values()].map((job) => [job.name, job.dependsOn]));
  const renderer = openRenderer({ id: handle.id, dependencies, state });
  // The engine begins in the next turn of the event loop: subscribed now, nothing is missed.
  handle.subscribe((notice) => {
    if (view !== "json") state.apply(notice);
    return renderer.notice(notice);
  });
  if (view === "live") handle.subscribeUnfinished((line) => state.applyUnfinished(line));
  let jobsAreShown = false;
  let result: RunResult;
  try {
    result = await untilFinished(handle, renderer, interruption);
  } finally {
    jobsAreShown = renderer.close();
  }
  for (const warning of result.warnings) await write(context.stderr, `warning: ${warning}\n`);
  if (view !== "json") {
    const style = styleFor(context.stdout, context.env);
    const artifacts = await artifactsOf(local, result);
    const isNobody = (job: JobState): boolean => {
      const defined = definition.jobs.get(job.name);
      return defined !== undefined && runsAsNobody(job.executor, defined);
    };
    await write(context.stdout, renderSummary(state, { style, jobsAreShown, artifacts, runsAsNobody: isNobody }));
  }
  return exitCodeOf(result, interruption.requested);
}

/** Waits for the end of a run, which signals may bring about. */
async function untilFinished(handle: RunHandle, renderer: Renderer, interruption: Interruption): Promise<RunResult> {
  let mayAbandon = false;
  const stopListening = onReaderGone(() => interruption.interrupt());
  interruption.attach({
    cancel: () => {
      renderer.message("cancelling, press again to kill");
      handle.cancel("user");
    },
    kill: () => {
      renderer.message("killing");
      handle.kill();
      setTimeout(() => (mayAbandon = true), KILL_TIME_MS).unref();
      setTimeout(() => leave(renderer), KILL_PATIENCE_MS).unref();
    },
    abandon: () => {
      if (mayAbandon) leave(renderer);
    },
  });
  try {
    return await handle.finished;
  } finally {
    stopListening();
  }
}

function exitCodeOf(result: RunResult, interrupted: boolean): ExitCode {
  if (result.status === "success") return SUCCESS;
  return interrupted || result.reason === "user" ? INTERRUPTED : FAILED;
}

/** The command that fetches the first artifact of the run, and how many there are. */
async function artifactsOf({ store }: LocalEngine, result: RunResult): Promise<SummaryOptions["artifacts"]> {
  const artifacts = await store.artifacts(result.id);
  const [first] = artifacts;
  if (first === undefined) return null;
  const job = (await store.jobs(result.id)).find(({ id }) => id === first.jobId)?.name ?? "";
  return { job, name: first.name, count: artifacts.length };
}

function leave(renderer: Renderer): void {
  renderer.close();
  process.exit(INTERRUPTED);
}
