import type { Diagnostic, DiagnosticCollector } from "./diagnostics/diagnostic.ts";
import { formatFor } from "./formats/registry.ts";
import { checkDependencies } from "./graph/check-dependencies.ts";
import { bindInputs, type MissingInputs } from "./inputs/bind-inputs.ts";
import type { PipelineDefinition } from "./model/definition.ts";
import type { PipelineTemplate } from "./model/template.ts";
import { readSource } from "./source/read-source.ts";
import { resolvePipeline } from "./variables/resolve-pipeline.ts";
import { readYaml } from "./yaml/read-yaml.ts";

export interface ParseOptions {
  /** Name or path of the file: stands in messages, and its last part chooses the format. */
  readonly file?: string | null;
  /** Id of the format, where the file's name does not say it. */
  readonly format?: string;
  /** Values given for this run (`--var name=value`); they win over every other source. `inputs.NAME` is an input's. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What stands in for required inputs that are not among the parameters. Default: an error. */
  readonly missingInputs?: MissingInputs;
  /** Variables of the surrounding system that pipelines may refer to. Default: none. */
  readonly system?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; becomes the definition's `createdAt`. */
  readonly now: number;
}

export interface ParseResult {
  /** Null exactly where there are errors. */
  readonly definition: PipelineDefinition | null;
  /** Ordered by place in the file. At most 200 problems are kept. */
  readonly errors: readonly Diagnostic[];
  /** Never the reason for a missing definition. */
  readonly warnings: readonly Diagnostic[];
  /** All errors found, also those that are not kept. */
  readonly errorCount: number;
  /** What could be read before variables are replaced; null where a syntax error or a missing root ended it. */
  readonly template: PipelineTemplate | null;
  /** The parameters that a run goes on with: inputs have become variables of the definition. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Turns the text of a pipeline file into a definition that can run, or into everything that is wrong with it.
 *
 * The phases are source, YAML, schema, graph, variables. A text with syntax errors goes no further than them; otherwise
 * all phases run, whatever the earlier ones found, and report together.
 *
 * @param text - text, or bytes in UTF-8
 * @throws WaybillError PIPELINE_UNKNOWN_FORMAT for an unknown `options.format`; never for a text
 */
export function parsePipeline(text: string | Uint8Array, options: ParseOptions): ParseResult {
  const file = options.file ?? null;
  const format = formatFor(file, options.format);
  const { source, collector } = readSource(text, file);
  const tree = collector.hasErrors ? null : readYaml(source, collector);
  const template = tree === null ? null : format.read(tree, collector);
  const given = options.parameters ?? {};
  if (template === null) return resultOf(null, null, given, collector);
  const dependsOn = checkDependencies(template, collector);
  const bound = bindInputs(template, given, options.missingInputs ?? "reported", collector);
  const { parameters } = bound;
  const inputs = { parameters, system: options.system ?? {}, now: options.now };
  const definition = resolvePipeline(bound.template, dependsOn, inputs, collector);
  return resultOf(template, definition, parameters, collector);
}

function resultOf(
  template: PipelineTemplate | null,
  definition: PipelineDefinition | null,
  parameters: Readonly<Record<string, string>>,
  collector: DiagnosticCollector,
): ParseResult {
  return {
    definition: collector.hasErrors ? null : definition,
    errors: collector.errors(),
    warnings: collector.warnings(),
    errorCount: collector.errorCount,
    template,
    parameters,
  };
}
