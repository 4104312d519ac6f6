import { INPUT_PREFIX } from "../model/input.ts";
import type { Environment, PipelineDefinition, PipelineJob, PipelineStep } from "../model/definition.ts";

/**
 * All that the pipeline adds to a step's environment: global, then job, then step, then runtime parameters, later ones
 * first in rank. `$X` in the shell is the same text as `${X}` in the file.
 *
 * Inputs are variables that texts and conditions see. A process does not: no shell can hold a name with a dot in it.
 *
 * @param step - null: the environment of the job, which its condition sees
 */
export function mergedEnvironment(
  definition: PipelineDefinition,
  job: PipelineJob,
  step: PipelineStep | null,
  parameters: Readonly<Record<string, string>>,
): Environment {
  const { globalEnv, inputs } = definition;
  const global = step === null || inputs.size === 0 ? globalEnv : withoutInputs(globalEnv);
  return { ...global, ...job.environment, ...step?.environment, ...parameters };
}

function withoutInputs(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith(INPUT_PREFIX)));
}
