import { WaybillError } from "@waybill/core";
import { isSettled, selectJobs, type RunHandle, type StoredEvent } from "@waybill/engine";
import { systemVariables, type PipelineDefinition, type PipelineJob } from "@waybill/pipeline";
import { availableParallelism } from "node:os";
import type { CommandContext } from "../../context.ts";
import { findRun, openRuns } from "../../files/find-run.ts";
import { readParameters } from "../../files/parameters.ts";
import { findProject } from "../../files/pipeline-file.ts";
import { readRunSecrets } from "../../files/secrets.ts";
import { prepareProject, projectPaths, type ProjectPaths } from "../../files/project.ts";
import { loadValidPipeline } from "../../files/valid-pipeline.ts";
import type { LocalEngine } from "../../run/wire.ts";
import type { RunOptions } from "./action.ts";

/** A run to be begun or gone on with, once there is an engine for its project. */
export interface Opening {
  readonly paths: ProjectPaths;
  /** Those that may run. */
  jobs(local: LocalEngine): Promise<readonly PipelineJob[]>;
  begin(local: LocalEngine): Promise<OpenedRun>;
}

export interface OpenedRun {
  readonly handle: RunHandle;
  readonly definition: PipelineDefinition;
  /** What happened before this process took the run up. */
  readonly history: readonly StoredEvent[];
}

export async function newRun(context: CommandContext, file: string | undefined, options: RunOptions): Promise<Opening> {
  const pipeline = await loadValidPipeline(context, file, { ...options, problemsAsJson: false }, "run");
  const { definition, parameters, system } = pipeline;
  const secrets = await readRunSecrets(context, options.secrets);
  return {
    paths: await prepareProject(pipeline.file.projectDirectory),
    jobs: async () => await Promise.resolve(selectedJobs(definition, options.job)),
    begin: async ({ engine }) => ({
      handle: await engine.start({
        definition,
        file: pipeline.file.name,
        trigger: "manual",
        jobs: options.job.length === 0 ? null : options.job,
        concurrency: options.concurrency ?? availableParallelism(),
        parameters,
        system,
        secrets,
      }),
      definition,
      history: [],
    }),
  };
}

/** @throws WaybillError `RUN_UNKNOWN_JOB` */
function selectedJobs(definition: PipelineDefinition, wanted: readonly string[]): PipelineJob[] {
  const names = selectJobs(definition, wanted.length === 0 ? null : wanted);
  return names.flatMap((name) => definition.jobs.get(name) ?? []);
}

/**
 * The pipeline file is not read: a run goes on with the definition it was started with.
 *
 * @throws WaybillError `CLI_RUN_NOT_FOUND`, `CLI_USAGE`
 */
export async function oldRun(
  context: CommandContext,
  file: string | undefined,
  reference: string,
  options: RunOptions,
): Promise<Opening> {
  if (file !== undefined) {
    throw new WaybillError("CLI_USAGE", {
      problem: "A run that is resumed keeps the pipeline it was started with",
      hint: `Leave out ${file}.`,
    });
  }
  const paths = projectPaths(findProject(context, "run"));
  // A database is not made by looking for a run in it.
  const runs = await openRuns(paths);
  try {
    await findRun(runs, reference);
  } finally {
    await runs?.close();
  }
  const parameters = readParameters(context, options);
  const secrets = await readRunSecrets(context, options.secrets);
  return {
    paths,
    jobs: async ({ store }) => {
      const run = await findRun(store, reference);
      const definition = await store.definition(run.id);
      const unsettled = (await store.jobs(run.id)).filter(({ status }) => !isSettled(status));
      return unsettled.flatMap(({ name }) => definition?.jobs.get(name) ?? []);
    },
    begin: async ({ engine, store }) => {
      const run = await findRun(store, reference);
      const handle = await engine.resume({
        run,
        concurrency: options.concurrency ?? availableParallelism(),
        parameters,
        system: systemVariables(context.env),
        secrets,
      });
      const { definition, history } = handle;
      return { handle, definition, history };
    },
  };
}
