import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import type { RunRecord } from "@waybill/engine";
import { jobsAnswer, runAnswer, runRecord, type ArtifactAnswer } from "../../server/answers.ts";
import type { ApiClient } from "../../server/api-client.ts";
import { openClient } from "../../server/choose-server.ts";
import { findRemoteRun, listRemote } from "../../server/find-remote.ts";
import { artifactTable, type ListedArtifact } from "./artifact-table.ts";
import type { ListOptions } from "./shared-options.ts";

/** Runs that are looked through for the newest artifacts. */
const MAX_RUNS = 50;

interface RemoteArtifact {
  readonly run: RunRecord;
  readonly artifact: ArtifactAnswer;
}

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function listRemoteArtifacts(
  context: CommandContext,
  reference: string | undefined,
  options: ListOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  const run = reference === undefined ? null : await findRemoteRun(client, reference);
  const found = run === null ? await newest(client, options.limit) : await ofRun(client, run);
  if (options.json) {
    await writeJson(context, { artifacts: found.map(toJson), storage: null });
  } else if (found.length === 0) {
    const where = run === null ? "There are no artifacts yet" : `Run ${run.number} has kept no artifacts`;
    await write(context.stderr, `${where}; jobs keep what \`artifacts:\` names.\n`);
  } else {
    await write(
      context.stdout,
      artifactTable(
        context,
        found.map((each) => [listed(each), "stored"]),
      ),
    );
  }
  return SUCCESS;
}

async function newest(client: ApiClient, limit: number): Promise<readonly RemoteArtifact[]> {
  const found: RemoteArtifact[] = [];
  let runs = 0;
  for await (const answer of listRemote(client, "/v1/pipeline-runs", runAnswer, { limit: MAX_RUNS })) {
    found.push(...(await ofRun(client, runRecord(answer))));
    runs += 1;
    if (found.length >= limit || runs === MAX_RUNS) break;
  }
  return found.slice(0, limit);
}

async function ofRun(client: ApiClient, run: RunRecord): Promise<readonly RemoteArtifact[]> {
  const { items } = await client.get(`/v1/pipeline-runs/${run.id}/jobs`, jobsAnswer);
  return items.flatMap(({ artifacts }) => artifacts.map((artifact) => ({ run, artifact })));
}

function listed({ run, artifact }: RemoteArtifact): ListedArtifact {
  const { job, name, file_count: fileCount, size_bytes: sizeBytes, created_at: createdAt } = artifact;
  return { runNumber: run.number, job, name, fileCount, sizeBytes, createdAt };
}

function toJson({ run, artifact }: RemoteArtifact): Readonly<Record<string, unknown>> {
  return {
    run: run.number,
    run_id: run.id,
    pipeline: run.pipelineName,
    job: artifact.job,
    name: artifact.name,
    hash: artifact.content_hash,
    files: artifact.file_count,
    size_bytes: artifact.size_bytes,
    created_at: new Date(artifact.created_at).toISOString(),
    id: artifact.id,
  };
}
