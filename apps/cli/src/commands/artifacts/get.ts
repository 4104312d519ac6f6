import { formatBytes } from "@waybill/engine";
import { rm } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { plural } from "../../text/duration.ts";
import { ProgressLine } from "../../text/progress-line.ts";
import { safeName } from "../../text/safe-line.ts";
import { findArtifact, openArtifacts } from "./project-artifacts.ts";
import type { GetOptions } from "./shared-options.ts";
import { prepareTarget } from "./target-directory.ts";

export async function get(
  context: CommandContext,
  reference: string,
  job: string,
  name: string,
  options: GetOptions,
): Promise<ExitCode> {
  await using artifacts = await openArtifacts(context);
  const { run, artifact } = await findArtifact(artifacts, reference, job, name);
  const directory = resolve(context.cwd, options.to ?? name);
  const isNew = await prepareTarget(directory, options.force === true);
  const progress = new ProgressLine(context);
  try {
    await artifacts?.store.restore([artifact], directory, ({ doneBytes, totalBytes }) =>
      progress.show(() => `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`),
    );
  } catch (error) {
    // Half an artifact would look like a whole one.
    if (isNew) await rm(directory, { recursive: true, force: true });
    throw error;
  } finally {
    progress.clear();
  }
  if (options.json) {
    const { ref: hash, sizeBytes, fileCount } = artifact;
    await writeJson(context, { run: run.number, job, name, hash, directory, files: fileCount, size_bytes: sizeBytes });
  } else {
    const what = `${plural(artifact.fileCount, "file")}, ${formatBytes(artifact.sizeBytes)}`;
    const where = relative(context.cwd, directory) || ".";
    await write(context.stdout, `${safeName(name)} of ${safeName(job)}, run ${run.number}: ${what} in ${where}\n`);
  }
  return SUCCESS;
}
