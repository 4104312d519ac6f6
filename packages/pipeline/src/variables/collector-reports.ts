import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import type { ErrorCode, ErrorParameters } from "@waybill/core";
import type { ReportProblem } from "../expressions/problem.ts";
import type { Located } from "../model/template.ts";
import { locatePart } from "./locate.ts";

/** Past this many errors places are no longer searched for: the collector only counts them. */
const MAX_LOCATED = 200;

/** Turns problems of a text into diagnostics at their exact place. */
export function reporterFor(collector: DiagnosticCollector, located: Located<unknown>): ReportProblem {
  return ({ code, parameters, span }) => {
    const place = wantsDetail(collector) ? locatePart(collector.source, located, span) : located.span;
    collector.report(code, parameters as ErrorParameters<ErrorCode>, { span: place, path: located.path });
  };
}

/** False once there are so many errors that exact places and suggestions would only cost time. */
export function wantsDetail(collector: DiagnosticCollector): boolean {
  return collector.errorCount < MAX_LOCATED;
}
