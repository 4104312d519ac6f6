import type { ArtifactRecords, ContentAddressedStore, RetentionPolicy } from "@waybill/artifacts";
import { WaybillError } from "@waybill/core";
import type { SqlRunStore } from "@waybill/database";
import type { RunRecord, SavedArtifact } from "@waybill/engine";
import type { CommandContext } from "../../context.ts";
import { openProjectArtifacts, readRetentionRules } from "../../files/artifact-files.ts";
import { findRun, openRuns } from "../../files/find-run.ts";
import { findProject } from "../../files/pipeline-file.ts";
import { projectPaths } from "../../files/project.ts";
import { hintFor } from "../../text/hint.ts";

/** What the commands about artifacts work with. */
export interface ProjectArtifacts extends AsyncDisposable {
  readonly runs: SqlRunStore;
  readonly records: ArtifactRecords;
  readonly store: ContentAddressedStore;
  readonly policies: readonly RetentionPolicy[];
}

/** @returns null: the project has no runs. Looking must not make a database. */
export async function openArtifacts(context: CommandContext): Promise<ProjectArtifacts | null> {
  const paths = projectPaths(findProject(context, "run"));
  const runs = await openRuns(paths);
  if (runs === null) return null;
  const records = runs.artifactRecords();
  return {
    runs,
    records,
    store: openProjectArtifacts(paths, records, context.clock),
    policies: readRetentionRules(paths).policies,
    [Symbol.asyncDispose]: () => runs.close(),
  };
}

export interface NamedArtifact {
  readonly run: RunRecord;
  readonly artifact: SavedArtifact;
}

/** @throws WaybillError `CLI_RUN_NOT_FOUND` */
export async function artifactsOfRun(
  artifacts: ProjectArtifacts | null,
  reference: string,
): Promise<{ readonly run: RunRecord; readonly list: readonly SavedArtifact[]; readonly jobs: readonly string[] }> {
  const run = await findRun(artifacts?.runs ?? null, reference);
  const jobs = (await artifacts?.runs.jobs(run.id)) ?? [];
  const names = new Map(jobs.map(({ id, name }) => [id, name]));
  const list = ((await artifacts?.runs.artifacts(run.id)) ?? []).map(({ jobId, name, ref, sizeBytes, fileCount }) => ({
    ...{ name, ref, sizeBytes, fileCount },
    jobName: names.get(jobId) ?? "",
  }));
  return { run, list, jobs: [...names.values()] };
}

/** @throws WaybillError `CLI_RUN_NOT_FOUND`, `CLI_UNKNOWN_JOB`, `CLI_UNKNOWN_ARTIFACT` */
export async function findArtifact(
  artifacts: ProjectArtifacts | null,
  reference: string,
  job: string,
  name: string,
): Promise<NamedArtifact> {
  const { run, list, jobs } = await artifactsOfRun(artifacts, reference);
  if (!jobs.includes(job)) {
    throw new WaybillError("CLI_UNKNOWN_JOB", { run: run.number, job, hint: hintFor(job, jobs, "jobs") });
  }
  const ofJob = list.filter(({ jobName }) => jobName === job);
  const artifact = ofJob.find((candidate) => candidate.name === name);
  if (artifact !== undefined) return { run, artifact };
  const names = ofJob.map((candidate) => candidate.name);
  const hint = names.length === 0 ? "The job has kept none." : hintFor(name, names, "artifacts");
  throw new WaybillError("CLI_UNKNOWN_ARTIFACT", { run: run.number, job, artifact: name, hint });
}
