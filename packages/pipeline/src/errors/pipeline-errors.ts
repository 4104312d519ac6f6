import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { DependencyGraph } from "../graph/dependency-graph.ts";
import type { ParseResult } from "../parse-pipeline.ts";
import { PipelineParserError } from "./pipeline-parser-error.ts";
import { CircularDependencyError, ValidationError, VariableResolutionError } from "./specific-errors.ts";

/** Several problems of one file, thrown together. Its own place is that of the first. */
export class PipelineErrors extends PipelineParserError {
  /** Ordered by line and column. */
  readonly errors: readonly PipelineParserError[];
  readonly warnings: readonly Diagnostic[];

  constructor(first: PipelineParserError, others: readonly PipelineParserError[], warnings: readonly Diagnostic[]) {
    super(first.diagnostic);
    this.name = "PipelineErrors";
    this.errors = [first, ...others];
    this.warnings = warnings;
    this.message = `${this.errors.length} problems\n${this.errors.map((error) => error.message).join("\n")}`;
  }
}

/**
 * The error to throw for a failed parse: the problem itself where there is one, all of them in a `PipelineErrors` where
 * there are more; null where the parse succeeded.
 */
export function errorOf(result: ParseResult): PipelineParserError | null {
  const [first, ...others] = result.errors.map((diagnostic) => errorOfDiagnostic(diagnostic, result));
  if (first === undefined) return null;
  return others.length === 0 ? first : new PipelineErrors(first, others, result.warnings);
}

/** Codes of the variables phase that are about the value of a field, not about a reference. */
const VALUE_CODES: ReadonlySet<string> = new Set([
  ...["VARIABLE_TYPE", "VARIABLE_OUT_OF_RANGE", "VARIABLE_EMPTY_VALUE", "VARIABLE_STEP_NAME_TAKEN"],
]);

function errorOfDiagnostic(diagnostic: Diagnostic, result: ParseResult): PipelineParserError {
  const { code, parameters = {} } = diagnostic;
  if (code === "GRAPH_CYCLE") return new CircularDependencyError(diagnostic, cycleOf(result));
  if (code.startsWith("VARIABLE_") && !VALUE_CODES.has(code)) {
    const name = parameters["name"] ?? parameters["reference"] ?? parameters["chain"] ?? "";
    return new VariableResolutionError(diagnostic, String(name), namesIn(parameters["available"]));
  }
  if (code.startsWith("YAML_")) return new PipelineParserError(diagnostic);
  return new ValidationError(diagnostic);
}

/** The message shortens long cycles, so the path is found again. */
function cycleOf(result: ParseResult): readonly string[] {
  const jobs = [...(result.template?.jobs.values() ?? [])];
  const graph = new DependencyGraph(
    jobs.map((job) => [
      job.name,
      job.dependsOn.map((entry) => entry.value).filter((name) => name !== job.name && result.template?.jobs.has(name)),
    ]),
  );
  return graph.shortestCycle() ?? [];
}

/** `Available variables: A, B and 12 more.` -> `["A", "B"]` */
function namesIn(sentence: string | number | undefined): readonly string[] {
  const list = String(sentence ?? "")
    .replace(/^[^:]*: /, "")
    .replace(/( and \d+ more)?\.?$/, "");
  return list === "none" || list === "" ? [] : list.split(", ");
}
