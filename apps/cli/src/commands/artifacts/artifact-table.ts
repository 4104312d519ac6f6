import { formatBytes } from "@waybill/engine";
import type { CommandContext } from "../../context.ts";
import { formatAge } from "../../text/duration.ts";
import { safeName } from "../../text/safe-line.ts";
import { styleFor } from "../../text/style.ts";
import { renderTable } from "../../text/table.ts";

export type ArtifactState = "stored" | "pinned" | "gone" | "damaged";

/** An artifact as a list shows it. */
export interface ListedArtifact {
  readonly runNumber: number;
  readonly job: string;
  readonly name: string;
  readonly fileCount: number;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export function artifactTable(
  context: CommandContext,
  rows: readonly (readonly [ListedArtifact, ArtifactState])[],
): string {
  const style = styleFor(context.stdout, context.env);
  const now = context.clock.now();
  const cells = rows.map(([artifact, state]) => [
    String(artifact.runNumber),
    safeName(artifact.job),
    safeName(artifact.name),
    String(artifact.fileCount),
    formatBytes(artifact.sizeBytes),
    formatAge(now - artifact.createdAt),
    state,
  ]);
  return renderTable([["RUN", "JOB", "NAME", "FILES", "SIZE", "WHEN", "STATE"], ...cells], (padded, row, column) => {
    if (row === 0) return style.paint("dim", padded);
    if (column !== 6 || padded === "stored") return padded;
    return style.paint(padded === "pinned" ? "cyan" : padded === "damaged" ? "red" : "dim", padded);
  });
}
