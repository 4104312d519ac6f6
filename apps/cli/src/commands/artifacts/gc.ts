import { RetentionPolicyEngine, type CleanupReport } from "@waybill/artifacts";
import { formatBytes } from "@waybill/engine";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { plural } from "../../text/duration.ts";
import { safeName } from "../../text/safe-line.ts";
import { renderTable } from "../../text/table.ts";
import { openArtifacts } from "./project-artifacts.ts";

export interface GcOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const HASH_SHOWN = 12;

export async function gc(context: CommandContext, options: GcOptions): Promise<ExitCode> {
  await using artifacts = await openArtifacts(context);
  if (artifacts === null) {
    if (options.json) await writeJson(context, null);
    else await write(context.stderr, "There are no runs yet, so there is nothing to clean up.\n");
    return SUCCESS;
  }
  const { store, records, policies } = artifacts;
  const engine = new RetentionPolicyEngine({ backend: store.backend, records, clock: context.clock, policies });
  const report = await engine.collect({ dryRun: options.dryRun === true });
  if (options.json) await writeJson(context, report);
  else await write(context.stdout, render(report));
  for (const hash of report.corrupted)
    await write(context.stderr, `warning: ${hash} is damaged; it is in quarantine\n`);
  return SUCCESS;
}

function render(report: CleanupReport): string {
  const rows = report.artifacts.map(({ ref, names, size_bytes, reason, policy }) => [
    ref.slice(0, HASH_SHOWN),
    safeName(names.join(", ")),
    formatBytes(size_bytes),
    policy === null ? reason : `${policy}: ${reason}`,
  ]);
  const table = rows.length === 0 ? "" : renderTable([["HASH", "NAME", "SIZE", "WHY"], ...rows]);
  const verb = report.dry_run ? "would go" : "removed";
  const stayed = report.failed_deletions === 0 ? "" : `${plural(report.failed_deletions, "artifact")} had to stay.\n`;
  return (
    `${table}${plural(report.artifacts.length, "artifact")} of ${report.evaluated} and ` +
    `${plural(report.contents_deleted, "content")} ${verb}: ${formatBytes(report.reclaimed_bytes)}. ` +
    `${report.used_percent.toFixed(1)} % of the space was in use.\n${stayed}`
  );
}
