import type { PipelineDefinition } from "../model/definition.ts";
import { parsePipeline, type ParseOptions } from "../parse-pipeline.ts";
import { errorOf } from "./pipeline-errors.ts";

/**
 * `parsePipeline` for callers that prefer exceptions. Warnings are lost; use `parsePipeline` to see them.
 *
 * @throws PipelineParserError - the specific one where there is one problem, `PipelineErrors` where there are several
 */
export function parsePipelineOrThrow(text: string | Uint8Array, options: ParseOptions): PipelineDefinition {
  const result = parsePipeline(text, options);
  if (result.definition !== null) return result.definition;
  throw errorOf(result) ?? new Error("a parse without a definition must have errors");
}
