import { WaybillError } from "@waybill/core";
import { formatBytes } from "@waybill/engine";
import { rm } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { reasonOf } from "../../files/read-bounded.ts";
import { jobsAnswer, type JobAnswer } from "../../server/answers.ts";
import { openClient } from "../../server/choose-server.ts";
import { findRemoteRun } from "../../server/find-remote.ts";
import { unpackArchive } from "../../server/unpack-archive.ts";
import { plural } from "../../text/duration.ts";
import { hintFor } from "../../text/hint.ts";
import { ProgressLine } from "../../text/progress-line.ts";
import { safeName } from "../../text/safe-line.ts";
import type { GetOptions } from "./shared-options.ts";
import { prepareTarget } from "./target-directory.ts";

/** @throws WaybillError `SERVER_*`, `CLI_UNKNOWN_JOB`, `CLI_UNKNOWN_ARTIFACT`, `CLI_DIRECTORY_NOT_EMPTY` */
export async function getRemote(
  context: CommandContext,
  reference: string,
  jobName: string,
  name: string,
  options: GetOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  const run = await findRemoteRun(client, reference);
  const { items } = await client.get(`/v1/pipeline-runs/${run.id}/jobs`, jobsAnswer);
  const artifact = chosen(items, run.number, jobName, name);
  const directory = resolve(context.cwd, options.to ?? name);
  const isNew = await prepareTarget(directory, options.force === true);
  const progress = new ProgressLine(context);
  try {
    const chunks = counted(client.download(`/v1/artifacts/${artifact.id}/download`), (bytes) =>
      progress.show(() => `${formatBytes(bytes)} of ${formatBytes(artifact.size_bytes)}`),
    );
    await unpackArchive(chunks, directory, client.url);
  } catch (error) {
    // Half an artifact would look like a whole one.
    if (isNew) await rm(directory, { recursive: true, force: true });
    if (error instanceof WaybillError) throw error;
    throw new WaybillError("CLI_FILE_UNWRITABLE", { file: directory, reason: reasonOf(error) }, { cause: error });
  } finally {
    progress.clear();
  }
  const { content_hash: hash, size_bytes: size, file_count: files } = artifact;
  if (options.json) {
    await writeJson(context, { run: run.number, job: jobName, name, hash, directory, files, size_bytes: size });
  } else {
    const where = relative(context.cwd, directory) || ".";
    const what = `${plural(files, "file")}, ${formatBytes(size)}`;
    await write(context.stdout, `${safeName(name)} of ${safeName(jobName)}, run ${run.number}: ${what} in ${where}\n`);
  }
  return SUCCESS;
}

function chosen(
  jobs: readonly JobAnswer[],
  run: number,
  jobName: string,
  name: string,
): JobAnswer["artifacts"][number] {
  const job = jobs.find((candidate) => candidate.name === jobName);
  if (job === undefined) {
    const names = jobs.map((candidate) => candidate.name);
    throw new WaybillError("CLI_UNKNOWN_JOB", { run, job: jobName, hint: hintFor(jobName, names, "jobs") });
  }
  const artifact = job.artifacts.find((candidate) => candidate.name === name);
  if (artifact !== undefined) return artifact;
  const names = job.artifacts.map((candidate) => candidate.name);
  const hint = names.length === 0 ? "The job has kept none." : hintFor(name, names, "artifacts");
  throw new WaybillError("CLI_UNKNOWN_ARTIFACT", { run, job: jobName, artifact: name, hint });
}

async function* counted(chunks: AsyncIterable<Uint8Array>, tell: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    tell(bytes);
    yield chunk;
  }
}
