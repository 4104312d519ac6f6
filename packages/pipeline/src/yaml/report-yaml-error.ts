import type { YAMLError } from "yaml";
import type { ErrorCode, ErrorParameters } from "@waybill/core";
import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "../diagnostics/source-text.ts";
import { shorten } from "./describe-node.ts";

/** Where quotes and brackets open that never close, in order: what the library reports is where it noticed. */
export interface OpenPlaces {
  readonly quotes: readonly number[];
  readonly brackets: readonly number[];
}

interface Problem {
  readonly message: string;
  /** The library's message as part of a sentence of ours. */
  readonly detail: string;
  readonly start: number;
  readonly text: string;
  /** The whole line it is on, and the last line before it that is not blank. */
  readonly line: Line;
  readonly previous: Line;
}

interface Line {
  readonly start: number;
  readonly text: string;
}

type Report = <Code extends ErrorCode>(code: Code, parameters: ErrorParameters<Code>, start?: number) => void;

/** Reports an error of the YAML library under the code that names its cause, at the place where it is to be mended. */
export function reportYamlError(
  error: YAMLError,
  open: OpenPlaces,
  source: SourceText,
  collector: DiagnosticCollector,
): void {
  const [start, end] = error.pos;
  const report: Report = (code, parameters, from = start) =>
    collector.report(code, parameters, { span: { start: from, end: Math.max(end, from + 1) }, path: "" });
  const problem = describe(error, source);

  const tab = /^[ \t]*/.exec(problem.line.text)?.[0].indexOf("\t") ?? -1;
  if (tab !== -1) return report("YAML_TAB_INDENT", {}, problem.line.start + tab);

  const bracket = /end with a ([\]}])/.exec(error.message)?.[1];
  if (bracket !== undefined) return report("YAML_UNCLOSED_BRACKET", { bracket }, lastBefore(open.brackets, start));
  const quote = /Missing closing (["'])/.exec(error.message)?.[1];
  if (quote !== undefined) return report("YAML_UNCLOSED_QUOTE", { quote }, lastBefore(open.quotes, start));

  switch (error.code) {
    case "TAB_AS_INDENT":
      return report("YAML_TAB_INDENT", {});
    case "BAD_DQ_ESCAPE":
      return report("YAML_BAD_ESCAPE", { escape: source.text.slice(start, start + 2).trimEnd() });
    case "BAD_SCALAR_START":
      return report("YAML_RESERVED_START", { character: problem.text });
    case "BAD_DIRECTIVE":
      return report("YAML_BAD_DIRECTIVE", { detail: problem.detail });
    case "TAG_RESOLVE_FAILED":
    case "BAD_COLLECTION_TYPE":
      return report("YAML_TAG", { tag: shorten(problem.text) });
    case "ALIAS_PROPS":
    case "BAD_ALIAS":
    case "BAD_PROP_ORDER":
    case "MULTIPLE_ANCHORS":
    case "MULTIPLE_TAGS":
      return report("YAML_BAD_ANCHOR", { detail: problem.detail });
    case "BLOCK_IN_FLOW":
      return report("YAML_BLOCK_IN_BRACKETS", {});
    case "BLOCK_AS_IMPLICIT_KEY":
      return reportNestedKey(problem, source, report);
    case "MULTILINE_IMPLICIT_KEY":
    case "KEY_OVER_1024_CHARS":
      return isListOnKeyLine(problem) ? report("YAML_MISPLACED_LIST", {}) : report("YAML_KEY_NOT_ONE_LINE", {});
    case "BAD_INDENT":
      return reportIndentation(problem, report);
    case "MISSING_CHAR":
      return reportMissing(problem, report);
    case "UNEXPECTED_TOKEN":
      return reportUnexpected(problem, report);
    default:
      return report("YAML_SYNTAX", { detail: problem.detail });
  }
}

function describe(error: YAMLError, source: SourceText): Problem {
  const [start, end] = error.pos;
  const { line, column } = source.positionAt(start);
  let previous = line - 1;
  while (previous > 0 && source.lineText(previous).trim() === "") previous -= 1;
  return {
    message: error.message,
    detail: error.message.charAt(0).toLowerCase() + error.message.slice(1),
    start,
    text: source.text.slice(start, end),
    line: { start: start - column + 1, text: source.lineText(line) },
    previous: { start: 0, text: source.lineText(previous) },
  };
}

/** `a: b: c`, but the library says the same of `a: b` with an indented `c: d` below it. */
function reportNestedKey(problem: Problem, source: SourceText, report: Report): void {
  const restOfLine = problem.line.text.slice(problem.start - problem.line.start);
  if (/:(\s|$)/.test(restOfLine) || /^["']/.test(restOfLine)) return report("YAML_COLON_IN_VALUE", {});
  const lineEnd = problem.line.start + problem.line.text.length;
  const next = source.text.slice(lineEnd).search(/\S/);
  const detail = "the key above has a value on its own line already";
  report("YAML_BAD_INDENTATION", { detail }, next === -1 ? problem.start : lineEnd + next);
}

function reportIndentation(problem: Problem, report: Report): void {
  if (problem.message.startsWith("Block scalar")) return report("YAML_BAD_BLOCK_TEXT", { detail: problem.detail });
  const start = problem.line.start + indentationOf(problem.line.text);
  if (isMissingDash(problem)) return report("YAML_MISSING_DASH", {}, start);
  report("YAML_BAD_INDENTATION", { detail: problem.detail }, start);
}

function reportMissing(problem: Problem, report: Report): void {
  if (isMissingDash(problem) || /without - indicator/.test(problem.message)) return report("YAML_MISSING_DASH", {});
  if (/need to be followed by map values/.test(problem.message)) {
    return report("YAML_MISSING_COLON", { text: shorten(problem.line.text.trim()) });
  }
  if (/Missing ,/.test(problem.message)) return report("YAML_MISSING_COMMA", {});
  if (/space|separated/.test(problem.message)) return report("YAML_MISSING_SPACE", { detail: problem.detail });
  report("YAML_SYNTAX", { detail: problem.detail });
}

function reportUnexpected(problem: Problem, report: Report): void {
  const before = problem.line.text.slice(0, problem.start - problem.line.start);
  if (/[Bb]lock scalar header/.test(problem.message)) {
    return report("YAML_BAD_BLOCK_TEXT", { detail: problem.detail });
  }
  if (/[|>][-+\d]*\s*$/.test(before)) {
    return report("YAML_BAD_BLOCK_TEXT", { detail: `there is text on the line of the ${before.trim().at(-1)}` });
  }
  if (isListOnKeyLine(problem)) return report("YAML_MISPLACED_LIST", {});
  if (isMissingDash(problem)) return report("YAML_MISSING_DASH", {});
  report("YAML_UNEXPECTED", { text: problem.text.trim() === "" ? "This" : `"${shorten(problem.text)}"` });
}

function isListOnKeyLine(problem: Problem): boolean {
  return /^-(\s|$)/.test(problem.line.text.slice(problem.start - problem.line.start));
}

/** A line without dash below one that has it, in the same column. */
function isMissingDash(problem: Problem): boolean {
  return (
    /^\s*- /.test(problem.previous.text) &&
    indentationOf(problem.previous.text) === indentationOf(problem.line.text) &&
    !/^\s*-(\s|$)/.test(problem.line.text)
  );
}

function indentationOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0;
}

function lastBefore(places: readonly number[], offset: number): number {
  return places.findLast((place) => place < offset) ?? offset;
}
