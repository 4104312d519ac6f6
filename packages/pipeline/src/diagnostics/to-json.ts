import type { Diagnostic } from "./diagnostic.ts";

/** A problem as `--json` and the HTTP API show it. */
export interface DiagnosticJson {
  readonly code: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly context: string;
  readonly suggestion: string;
  readonly help: string;
}

export function diagnosticToJson(diagnostic: Diagnostic): DiagnosticJson {
  const { code, message, file, line, column, path, context, suggestion, help } = diagnostic;
  return { code, message, file, line, column, path, context, suggestion, help };
}
