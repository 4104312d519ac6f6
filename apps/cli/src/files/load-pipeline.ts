import {
  parsePipeline,
  systemVariables,
  type Diagnostic,
  type MissingInputs,
  type PipelineDefinition,
} from "@waybill/pipeline";
import type { CommandContext } from "../context.ts";
import type { ParameterOptions } from "../options.ts";
import { readParameters } from "./parameters.ts";
import { readPipelineFile, type PipelineText } from "./pipeline-file.ts";

export interface LoadedPipeline {
  readonly file: PipelineText;
  /** Without inputs: those are variables of the definition. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The host's variables that a pipeline may refer to. */
  readonly system: Readonly<Record<string, string>>;
  /** Null: there are errors. */
  readonly definition: PipelineDefinition | null;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Reads and parses the pipeline a command is about. Problems inside the file come back as diagnostics.
 *
 * @throws WaybillError for a file that cannot be read: see `readPipelineFile`
 */
export async function loadPipeline(
  context: CommandContext,
  file: string | undefined,
  options: ParameterOptions,
  command: string,
): Promise<LoadedPipeline> {
  const parameters = readParameters(context, options);
  return parseFile(context, await readPipelineFile(context, file, command), parameters);
}

/** Parses the text of a pipeline file with the variables of a command. */
export function parseFile(
  context: CommandContext,
  file: PipelineText,
  given: Readonly<Record<string, string>>,
  missingInputs: MissingInputs = "reported",
): LoadedPipeline {
  const system = systemVariables(context.env);
  const { definition, errors, warnings, parameters } = parsePipeline(file.bytes, {
    file: file.name,
    parameters: given,
    missingInputs,
    system,
    now: context.clock.now(),
  });
  return { file, parameters, system, definition, errors, warnings };
}
