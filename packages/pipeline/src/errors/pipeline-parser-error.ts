import { WaybillError } from "@waybill/core";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** A place as messages give it; null: not known. */
export interface SourceLocation {
  readonly line: number | null;
  readonly column: number | null;
}

/**
 * A problem of a pipeline file, thrown. `message` is the whole text, with its place:
 * `Line 3, Column 5: Missing required field "jobs"`.
 */
export class PipelineParserError extends WaybillError {
  readonly diagnostic: Diagnostic;
  readonly sourceLocation: SourceLocation;

  /** @param text - what is wrong, without the place */
  constructor(diagnostic: Diagnostic, text: string = diagnostic.message) {
    super(diagnostic.code, (diagnostic.parameters ?? {}) as never);
    this.name = "PipelineParserError";
    this.diagnostic = diagnostic;
    this.sourceLocation = { line: diagnostic.line || null, column: diagnostic.column || null };
    this.message = locatedText(this.sourceLocation, text);
  }
}

function locatedText(location: SourceLocation, text: string): string {
  if (location.line === null && location.column === null) return text;
  return `Line ${location.line ?? "unknown"}, Column ${location.column ?? "unknown"}: ${text}`;
}
