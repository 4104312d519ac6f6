import { Composer, Lexer, Parser, type CST, type Document } from "yaml";
import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "../diagnostics/source-text.ts";
import type { Span } from "../diagnostics/span.ts";
import { buildTree } from "./build-tree.ts";
import { MAX_BAD_ESCAPES, MAX_DEPTH, MAX_DOCUMENTS, MAX_SYNTAX_ERRORS, MAX_TOKENS } from "./limits.ts";
import type { TreeNode } from "./node.ts";
import { reportYamlError, type OpenPlaces } from "./report-yaml-error.ts";

/** The lexeme with which the library leaves brackets that do not close. */
const FLOW_ERROR_END = "\u0018";

const COMPOSER_OPTIONS = {
  version: "1.2",
  // An explicit schema also holds where a %YAML directive asks for the looser rules of YAML 1.1 (`yes`, `0777`).
  schema: "core",
  merge: false,
  resolveKnownTags: false,
  // Found by buildTree, all of them, in linear time.
  uniqueKeys: false,
  keepSourceTokens: false,
  prettyErrors: false,
  logLevel: "silent",
} as const;

/**
 * Reads YAML into a located tree. All syntax errors of the text are reported together.
 *
 * @returns the tree of the first document; null where a syntax error (reported) makes it unreliable
 */
export function readYaml(source: SourceText, collector: DiagnosticCollector): TreeNode | null {
  const composed = withoutStackTraces(() => compose(source, collector));
  if (composed === null) return null;
  const [first, ...others] = composed.documents;
  if (first === undefined) return null;
  let broken = reportSyntaxErrors(first, composed.open, source, collector);
  for (const other of others) {
    const start = other.contents?.range?.[0] ?? other.range?.[0] ?? 0;
    const { line } = source.positionAt(start);
    collector.report("YAML_SEVERAL_DOCUMENTS", { line }, { span: { start, end: start + 1 }, path: "" });
    broken = reportSyntaxErrors(other, composed.open, source, collector) || broken;
  }
  const tree = buildTree(first, source, collector, broken);
  if (broken || tree === null) return null;
  if (tree.kind === "scalar" && tree.value === null) {
    collector.report("YAML_EMPTY", {}, { span: null, path: "" });
    return null;
  }
  return tree;
}

interface Composed {
  readonly documents: readonly Document.Parsed[];
  readonly open: OpenPlaces;
}

/**
 * Drives the library's lexer, parser and composer by hand (as `parseAllDocuments` does), because only between tokens can
 * the bounds be kept: afterwards, memory and stack are already spent.
 */
function compose(source: SourceText, collector: DiagnosticCollector): Composed | null {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const quotes: number[] = [];
  const brackets: number[] = [];
  const openBrackets: number[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(source.text)) {
    const offset = parser.offset;
    switch (lexeme.charAt(0)) {
      case '"':
      case "'":
        if (!checkEscapes(lexeme, offset, collector)) return null;
        if (lexeme.length === 1 || lexeme.at(-1) !== lexeme[0]) quotes.push(offset);
        break;
      case "[":
      case "{":
        openBrackets.push(offset);
        break;
      case "]":
      case "}":
        openBrackets.pop();
        break;
      case FLOW_ERROR_END:
        brackets.push(...openBrackets.splice(0));
        break;
    }
    for (const token of parser.next(lexeme)) tokens.push(token);
    count += 1;
    if (parser.stack.length > MAX_DEPTH) {
      collector.report("YAML_TOO_DEEP", { limit: MAX_DEPTH }, { span: characterAt(offset), path: "" });
      return null;
    }
    if (count > MAX_TOKENS) {
      collector.report("YAML_TOO_MANY_TOKENS", { limit: MAX_TOKENS }, { span: characterAt(offset), path: "" });
      return null;
    }
  }
  for (const token of parser.end()) tokens.push(token);
  const documents: Document.Parsed[] = [];
  for (const document of new Composer(COMPOSER_OPTIONS).compose(tokens, true, source.text.length)) {
    documents.push(document);
    if (documents.length > MAX_DOCUMENTS) break;
  }
  return { documents, open: { quotes, brackets: [...brackets, ...openBrackets] } };
}

function characterAt(offset: number): Span {
  return { start: offset, end: offset + 1 };
}

const BAD_ESCAPE = /\\(?:[0abtnvfre "/\\N_LP\n\t\r]|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|([^]?))/g;

/** Megabytes of bad escapes would become as many error objects, so a text with too many is refused here. */
function checkEscapes(lexeme: string, offset: number, collector: DiagnosticCollector): boolean {
  if (!lexeme.startsWith('"') || !lexeme.includes("\\")) return true;
  let bad = 0;
  for (const match of lexeme.matchAll(BAD_ESCAPE)) {
    if (match[1] === undefined || ++bad <= MAX_BAD_ESCAPES) continue;
    const span = { start: offset + match.index, end: offset + match.index + match[0].length };
    collector.report("YAML_BAD_ESCAPE", { escape: match[0] }, { span, path: "" });
    return false;
  }
  return true;
}

/** @returns whether there were any */
function reportSyntaxErrors(
  document: Document.Parsed,
  open: OpenPlaces,
  source: SourceText,
  collector: DiagnosticCollector,
): boolean {
  // As a warning, the library reports a closing bracket in the column of its key: common style, and harmless.
  const warnings = document.warnings.filter((warning) => warning.code !== "BAD_INDENT");
  const problems = [...document.errors, ...warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  let reported = 0;
  let lastLine = 0;
  for (const problem of problems) {
    // What follows an error on its line is nearly always an echo of it.
    const { line } = source.positionAt(problem.pos[0]);
    if (line === lastLine) continue;
    if (++reported > MAX_SYNTAX_ERRORS) break;
    lastLine = line;
    reportYamlError(problem, open, source, collector);
  }
  return problems.length > 0;
}

/** The library makes an Error for each syntax error; collecting their stacks would cost ten times the parse. */
function withoutStackTraces<Result>(work: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
