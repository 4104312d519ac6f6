import type { RegisteredArtifact } from "@waybill/artifacts";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { findRun } from "../../files/find-run.ts";
import { artifactTable, type ArtifactState } from "./artifact-table.ts";
import { openArtifacts } from "./project-artifacts.ts";
import type { ListOptions } from "./shared-options.ts";

export async function list(
  context: CommandContext,
  reference: string | undefined,
  options: ListOptions,
): Promise<ExitCode> {
  await using artifacts = await openArtifacts(context);
  const run = reference === undefined ? null : await findRun(artifacts?.runs ?? null, reference);
  const registered = (await artifacts?.records.registered()) ?? [];
  const chosen = run === null ? registered.slice(0, options.limit) : registered.filter(({ runId }) => runId === run.id);
  const pinned = new Set((await artifacts?.records.pins())?.map(({ ref }) => ref));
  const rows: (readonly [RegisteredArtifact, ArtifactState])[] = [];
  for (const artifact of chosen) {
    const isThere = (await artifacts?.store.backend.has(artifact.ref)) === true;
    const isDamaged = !isThere && (await artifacts?.store.backend.isQuarantined(artifact.ref)) === true;
    const state = isThere ? (pinned.has(artifact.ref) ? "pinned" : "stored") : isDamaged ? "damaged" : "gone";
    rows.push([artifact, state]);
  }
  if (options.json) {
    const stats = artifacts === null ? null : await artifacts.store.backend.stats();
    await writeJson(context, { artifacts: rows.map(([artifact, state]) => toJson(artifact, state)), storage: stats });
  } else if (rows.length === 0) {
    const where = run === null ? "There are no artifacts yet" : `Run ${run.number} has kept no artifacts`;
    await write(context.stderr, `${where}; jobs keep what \`artifacts:\` names.\n`);
  } else {
    await write(context.stdout, artifactTable(context, rows));
  }
  return SUCCESS;
}

function toJson(artifact: RegisteredArtifact, state: ArtifactState): Readonly<Record<string, unknown>> {
  return {
    run: artifact.runNumber,
    run_id: artifact.runId,
    pipeline: artifact.pipeline,
    job: artifact.job,
    name: artifact.name,
    hash: artifact.ref,
    files: artifact.fileCount,
    size_bytes: artifact.sizeBytes,
    created_at: new Date(artifact.createdAt).toISOString(),
    in_use: artifact.isInUse,
    state,
  };
}
