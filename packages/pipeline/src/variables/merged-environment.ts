import type { Environment, PipelineDefinition, PipelineJob, PipelineStep } from "../model/definition.ts";

/**
 * All that the pipeline adds to a step's environment: global, then job, then step, then runtime parameters, later ones
 * first in rank. `$X` in the shell is the same text as `${X}` in the file.
 *
 * @param step - null: the environment of the job, which its condition sees
 */
export function mergedEnvironment(
  definition: PipelineDefinition,
  job: PipelineJob,
  step: PipelineStep | null,
  parameters: Readonly<Record<string, string>>,
): Environment {
  return { ...definition.globalEnv, ...job.environment, ...step?.environment, ...parameters };
}
