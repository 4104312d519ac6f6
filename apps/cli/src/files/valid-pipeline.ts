import { WaybillError } from "@waybill/core";
import type { PipelineDefinition } from "@waybill/pipeline";
import type { CommandContext } from "../context.ts";
import type { ParameterOptions } from "../options.ts";
import { loadPipeline, type LoadedPipeline } from "./load-pipeline.ts";
import { countProblems, printProblems, printProblemsAsJson } from "./report-diagnostics.ts";

export type ValidPipeline = LoadedPipeline & { readonly definition: PipelineDefinition };

/**
 * The pipeline a command is to work with; its warnings are printed on stderr.
 *
 * @param options.problemsAsJson - print errors on stdout too, as `lint --json` does
 * @throws WaybillError `CLI_PIPELINE_INVALID` after the errors have been printed, or for a file that cannot be read
 */
export async function loadValidPipeline(
  context: CommandContext,
  file: string | undefined,
  options: ParameterOptions & { readonly problemsAsJson: boolean },
  command: string,
): Promise<ValidPipeline> {
  const loaded = await loadPipeline(context, file, options, command);
  await printProblems(context, loaded);
  const { definition } = loaded;
  if (definition !== null) return { ...loaded, definition };
  if (options.problemsAsJson) await printProblemsAsJson(context, loaded);
  throw new WaybillError("CLI_PIPELINE_INVALID", { file: loaded.file.name, count: countProblems(loaded) });
}
