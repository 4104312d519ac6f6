import { isSettled, type RunRecord } from "@waybill/engine";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { paintStatus } from "../../run/plain.ts";
import { reasonText } from "../../run/reasons.ts";
import { RunState } from "../../run/run-state.ts";
import { isoTime, runJson } from "../../run/run-table.ts";
import { jobTable } from "../../run/summary.ts";
import { jobsAnswer, type JobAnswer } from "../../server/answers.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { findRemoteRun } from "../../server/find-remote.ts";
import { runPage } from "../../server/started-run.ts";
import { watchRun } from "../../server/watch-run.ts";
import { formatDuration } from "../../text/duration.ts";
import { safeName } from "../../text/safe-line.ts";
import { styleFor } from "../../text/style.ts";

export interface StatusOptions extends ServerChoice {
  readonly wait?: boolean;
  readonly plain?: boolean;
  readonly json?: boolean;
}

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function status(context: CommandContext, reference: string, options: StatusOptions): Promise<ExitCode> {
  const client = await openClient(context, options);
  const run = await findRemoteRun(client, reference);
  if (options.wait) return await watchRun(context, client, run, options);
  const { items: jobs } = await client.get(`/v1/pipeline-runs/${run.id}/jobs`, jobsAnswer);
  const url = runPage(client, run.id);
  if (options.json) {
    const { gitRef: ref, gitSha: sha } = run;
    await writeJson(context, { ...runJson(run), ref, sha, url, jobs: jobs.map(toJson) });
  } else {
    await write(context.stdout, text(context, run, jobs, url));
  }
  return SUCCESS;
}

function text(context: CommandContext, run: RunRecord, jobs: readonly JobAnswer[], url: string): string {
  const style = styleFor(context.stdout, context.env);
  const now = context.clock.now();
  const took =
    run.startedAt === null
      ? ""
      : ` ${isSettled(run.status) ? "in" : "for"} ${formatDuration((run.finishedAt ?? now) - run.startedAt)}`;
  const why = reasonText("", run.reason);
  const title = style.paint("bold", `Run ${run.number} of ${safeName(run.pipelineName)}`);
  const origin = [run.gitRef ?? "", run.gitSha?.slice(0, 12) ?? ""].filter((part) => part !== "").map(safeName);
  return [
    `${title}: ${paintStatus(run.status, style)}${took}${why === "" ? "" : `: ${why}`}\n`,
    `Of:        ${[...origin, `by ${safeName(run.trigger)}`].join(" ")}\n`,
    `Page:      ${url}\n`,
    jobs.length === 0 ? "" : `\n${jobTable(stateOf(jobs, now), style)}`,
    ...jobs
      .filter((job) => typeof job.held_by === "string")
      .map((job) => `\nTo decide on ${safeName(job.name)}: waybill approve ${run.number} ${safeName(job.name)}\n`),
  ].join("");
}

/** As events would have told. */
function stateOf(jobs: readonly JobAnswer[], now: number): RunState {
  const state = new RunState();
  for (const { name, started_at: startedAt, finished_at: finishedAt, ...job } of jobs) {
    state.jobs.set(name, {
      name,
      status: job.status,
      reason: job.reason,
      message: job.message,
      attempt: job.attempts,
      startedAt,
      durationMs: startedAt === null ? null : (finishedAt ?? now) - startedAt,
      step: job.steps.find((step) => step.status === "running")?.name ?? null,
      lines: [],
      unfinished: "",
      failure: null,
      verdict: {},
      executor: "",
    });
  }
  return state;
}

function toJson(job: JobAnswer): Readonly<Record<string, unknown>> {
  const { name, status: state, reason, message, attempts, depends_on: needs, outputs } = job;
  return {
    ...{ name, status: state, reason, message, attempts, depends_on: needs, outputs },
    deploys_to: job.deploys_to ?? null,
    held_by: job.held_by ?? null,
    started_at: isoTime(job.started_at),
    finished_at: isoTime(job.finished_at),
    steps: job.steps.map((step) => ({ name: step.name, status: step.status, exit_code: step.exit_code })),
    artifacts: job.artifacts.map((artifact) => ({ name: artifact.name, hash: artifact.content_hash })),
  };
}
