import type { RunRecord } from "@waybill/engine";
import { formatAge, formatDuration } from "../text/duration.ts";
import { safeName } from "../text/safe-line.ts";
import type { Style } from "../text/style.ts";
import { renderTable } from "../text/table.ts";
import { paintStatus } from "./plain.ts";

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

/** A run as `--json` prints it. */
export function runJson(record: RunRecord): Readonly<Record<string, unknown>> {
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

export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
