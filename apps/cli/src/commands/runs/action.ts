import type { RunRecord } from "@waybill/engine";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { openRuns } from "../../files/find-run.ts";
import { findProject } from "../../files/pipeline-file.ts";
import { projectPaths } from "../../files/project.ts";
import { paintStatus } from "../../run/plain.ts";
import { formatAge, formatDuration } from "../../text/duration.ts";
import { safeName } from "../../text/safe-line.ts";
import { styleFor, type Style } from "../../text/style.ts";
import { renderTable } from "../../text/table.ts";

export interface RunsOptions {
  readonly limit: number;
  readonly json?: boolean;
}

export async function runs(context: CommandContext, options: RunsOptions): Promise<ExitCode> {
  const store = await openRuns(projectPaths(findProject(context, "run")));
  try {
    const records = (await store?.list(options.limit)) ?? [];
    if (options.json) await writeJson(context, { runs: records.map(toJson) });
    else if (records.length === 0)
      await write(context.stderr, "There are no runs yet; `waybill run` makes the first.\n");
    else await write(context.stdout, renderRuns(records, context.clock.now(), styleFor(context.stdout, context.env)));
  } finally {
    await store?.close();
  }
  return SUCCESS;
}

/** Newest first, as the store gives them. */
export function renderRuns(records: readonly RunRecord[], now: number, style: Style): string {
  const rows = records.map((record) => [
    String(record.number),
    safeName(record.pipelineName),
    record.status,
    formatAge(now - record.createdAt),
    durationOf(record) === null ? "-" : formatDuration(durationOf(record) ?? 0),
  ]);
  return renderTable([["RUN", "PIPELINE", "STATUS", "WHEN", "DURATION"], ...rows], (padded, row, column) => {
    if (row === 0) return style.paint("dim", padded);
    if (column !== 2) return padded;
    const word = padded.trimEnd();
    return paintStatus(word, style) + padded.slice(word.length);
  });
}

function durationOf(record: RunRecord): number | null {
  if (record.startedAt === null || record.finishedAt === null) return null;
  return record.finishedAt - record.startedAt;
}

function toJson(record: RunRecord): Readonly<Record<string, unknown>> {
  return {
    id: record.id,
    number: record.number,
    pipeline: record.pipelineName,
    file: record.file,
    trigger: record.trigger,
    status: record.status,
    reason: record.reason,
    created_at: isoTime(record.createdAt),
    started_at: isoTime(record.startedAt),
    finished_at: isoTime(record.finishedAt),
    duration_ms: durationOf(record),
  };
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
