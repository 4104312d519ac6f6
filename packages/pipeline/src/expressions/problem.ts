import { WaybillError, type ErrorCode, type ErrorParameters } from "@waybill/core";
import type { Span } from "../diagnostics/span.ts";

/** A coded problem inside a text; `span` counts from the start of that text. */
export interface Problem {
  readonly code: ErrorCode;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly span: Span;
}

export type ReportProblem = (problem: Problem) => void;

/** Makes a problem, with the parameters its code needs checked by the compiler. */
export function problem<Code extends ErrorCode>(code: Code, parameters: ErrorParameters<Code>, span: Span): Problem {
  return { code, parameters, span };
}

/** The problem as an error, for callers that have no place to collect problems in. */
export function problemError({ code, parameters }: Problem): WaybillError {
  // Sound because `problem` is the only way to make one.
  return new WaybillError(code, parameters as ErrorParameters<ErrorCode>);
}

/** Outside text in a message: on one line, without control characters, at most 60 characters. */
export function excerpt(text: string): string {
  const line = text.slice(0, 200).replaceAll(/[\s\p{Cc}]+/gu, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
