import type { RunRecord } from "@waybill/engine";
import { write, type CommandContext } from "../context.ts";
import { FAILED, INTERRUPTED, SUCCESS, type ExitCode } from "../exit-codes.ts";
import { chooseView, loadRenderer } from "../run/create-renderer.ts";
import { Interruption } from "../run/interruption.ts";
import type { Renderer } from "../run/renderer.ts";
import { reasonText } from "../run/reasons.ts";
import { RunState } from "../run/run-state.ts";
import { renderSummary, type SummaryOptions } from "../run/summary.ts";
import { shellWord } from "../text/shell-word.ts";
import { safeName } from "../text/safe-line.ts";
import { styleFor } from "../text/style.ts";
import { jobsAnswer, type JobAnswer } from "./answers.ts";
import type { ApiClient } from "./api-client.ts";
import { followRun } from "./follow-run.ts";

export interface WatchOptions {
  readonly json?: boolean;
  readonly plain?: boolean;
}

/**
 * Shows a run of a server as `waybill run` shows one of this machine, until it has ended. An interruption ends the
 * watching, and nothing else.
 *
 * @returns what `waybill run` would end with
 */
export async function watchRun(
  context: CommandContext,
  client: ApiClient,
  run: RunRecord,
  options: WatchOptions,
): Promise<ExitCode> {
  const view = chooseView(context, options);
  const openRenderer = await loadRenderer(context, view);
  const state = new RunState();
  state.pipeline = run.pipelineName;
  state.number = run.number;
  let renderer: Renderer | null = null;
  const onJobs = (jobs: readonly JobAnswer[]): void => {
    const dependencies = new Map(jobs.map(({ name, depends_on: needs }) => [name, needs]));
    renderer = openRenderer({ id: run.id, dependencies, state });
  };
  if (run.status === "pending" && view !== "json") {
    await write(context.stderr, `Run ${run.number} waits for its turn.\n`);
  }
  using interruption = new Interruption();
  const left = new Promise<"left">((resolve) => {
    const leave = (): void => resolve("left");
    interruption.attach({ cancel: leave, kill: leave, abandon: leave });
  });
  const notices = followRun(client, run.id, onJobs);
  let jobsAreShown = false;
  try {
    for (;;) {
      const next = await Promise.race([notices.next(), left]);
      if (next === "left") break;
      if (next.done === true) break;
      if (view !== "json") state.apply(next.value);
      await (renderer as Renderer | null)?.notice(next.value);
    }
  } finally {
    jobsAreShown = (renderer as Renderer | null)?.close() ?? false;
    void notices.return(undefined);
  }
  if (interruption.requested) {
    const end = `waybill cancel ${run.number} --server ${shellWord(client.url)}`;
    await write(context.stderr, `Run ${run.number} goes on; to end it: ${end}\n`);
    // Streams that are open would keep the process.
    process.exit(INTERRUPTED);
  }
  return await conclude(context, client, run, view === "json" ? null : { state, jobsAreShown });
}

async function conclude(
  context: CommandContext,
  client: ApiClient,
  run: RunRecord,
  shown: { readonly state: RunState; readonly jobsAreShown: boolean } | null,
): Promise<ExitCode> {
  const { findRemoteRun } = await import("./find-remote.ts");
  const ended = await findRemoteRun(client, run.id);
  if (shown !== null) {
    const { state, jobsAreShown } = shown;
    // It ended before it began.
    if (state.outcome === null) {
      const why = reasonText("", ended.reason);
      const name = safeName(ended.pipelineName);
      await write(context.stdout, `Run ${ended.number} of ${name}: ${ended.status}${why === "" ? "" : `, ${why}`}\n`);
      return exitCodeOf(ended);
    }
    const { items } = await client.get(`/v1/pipeline-runs/${run.id}/jobs`, jobsAnswer);
    const style = styleFor(context.stdout, context.env);
    const artifacts = firstArtifact(items);
    await write(context.stdout, renderSummary(state, { style, jobsAreShown, artifacts, server: client.url }));
  }
  return exitCodeOf(ended);
}

/** As `waybill run` ends with. */
export function exitCodeOf({ status, reason }: Pick<RunRecord, "status" | "reason">): ExitCode {
  if (status === "success") return SUCCESS;
  return reason === "user" ? INTERRUPTED : FAILED;
}

export function firstArtifact(jobs: readonly JobAnswer[]): SummaryOptions["artifacts"] {
  const all = jobs.flatMap(({ name: job, artifacts }) => artifacts.map(({ name }) => ({ job, name })));
  return all[0] === undefined ? null : { ...all[0], count: all.length };
}
