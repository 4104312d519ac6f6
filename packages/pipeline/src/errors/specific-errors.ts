import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { PipelineParserError } from "./pipeline-parser-error.ts";

/** A field that is missing, of the wrong type or outside its range, or a name that does not exist. */
export class ValidationError extends PipelineParserError {
  /** For example `jobs.build.steps[0].script`. */
  readonly fieldPath: string;
  readonly suggestions: readonly string[];

  constructor(diagnostic: Diagnostic) {
    const suggestions = diagnostic.suggestion === "" ? [] : [diagnostic.suggestion];
    const text = `Validation error in '${diagnostic.path}': ${diagnostic.message}`;
    super(diagnostic, suggestions.length === 0 ? text : `${text}\nSuggestions: ${suggestions.join(", ")}`);
    this.name = "ValidationError";
    this.fieldPath = diagnostic.path;
    this.suggestions = suggestions;
  }
}

/** Jobs that depend on each other in a circle. */
export class CircularDependencyError extends PipelineParserError {
  /** Each job depends on the next, the last on the first, which is not repeated. */
  readonly cyclePath: readonly string[];

  constructor(diagnostic: Diagnostic, cyclePath: readonly string[]) {
    super(diagnostic, `Circular dependency detected: ${[...cyclePath, ...cyclePath.slice(0, 1)].join(" → ")}`);
    this.name = "CircularDependencyError";
    this.cyclePath = cyclePath;
  }
}

/** A `${…}` reference that is malformed or leads nowhere. */
export class VariableResolutionError extends PipelineParserError {
  /** As far as it is known: a malformed reference may name none, and gives itself. */
  readonly variableName: string;
  readonly availableVariables: readonly string[];

  constructor(diagnostic: Diagnostic, variableName: string, availableVariables: readonly string[]) {
    super(diagnostic, textOf(diagnostic, variableName, availableVariables));
    this.name = "VariableResolutionError";
    this.variableName = variableName;
    this.availableVariables = availableVariables;
  }
}

function textOf(diagnostic: Diagnostic, name: string, available: readonly string[]): string {
  if (diagnostic.code !== "VARIABLE_UNDEFINED") return diagnostic.message;
  const context = diagnostic.context === "" ? "the pipeline" : diagnostic.context.replace(/^In /, "");
  const text = `Cannot resolve variable '\${${name}}' in ${context}`;
  return available.length === 0 ? text : `${text}\nAvailable variables: ${available.join(", ")}`;
}
