import type { Span } from "../diagnostics/span.ts";
import { excerpt, problem, type Problem } from "./problem.ts";
import { scanQuoted, scanReference } from "./scan.ts";

export type Token = { readonly span: Span } & (
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "name"; readonly name: string }
  /** `${…}` as it stands in the source. */
  | { readonly kind: "text"; readonly source: string }
  | { readonly kind: "symbol"; readonly symbol: string }
  | { readonly kind: "end" }
);

/** Carries the first problem of an expression out of lexer and parser. Never leaves this folder. */
export class SyntaxFailure extends Error {
  readonly problem: Problem;

  constructor(found: Problem) {
    super(found.code);
    this.problem = found;
  }
}

const WHITE_SPACE = /\s+/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
/** After a dot a part may begin with a digit. */
const PART = /[A-Za-z0-9_]+/y;
/** Jobs, outputs and artifacts are often named with hyphens, so in `job.…` a hyphen between letters is no minus. */
const JOB_PART = /[A-Za-z0-9_]+(?:-+[A-Za-z0-9_]+)*/y;
const SYMBOL = /==|!=|<=|>=|&&|\|\||[<>!+\-*/%()[\].,]/y;

/**
 * Splits an expression into tokens; the last one is `end`.
 *
 * @throws SyntaxFailure at the first character that begins no token
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let inJobPath = false;

  function match(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? null;
  }

  for (;;) {
    at += match(WHITE_SPACE)?.length ?? 0;
    if (at >= source.length) {
      tokens.push({ kind: "end", span: { start: source.length, end: source.length } });
      return tokens;
    }
    const start = at;
    const character = source.charAt(at);
    const previous = tokens.at(-1);
    const afterDot = previous?.kind === "symbol" && previous.symbol === "." && previous.span.end === at;
    const name = match(afterDot ? (inJobPath ? JOB_PART : PART) : NAME);
    if (name !== null) {
      at += name.length;
      if (!afterDot) inJobPath = name === "job" || name === "JOB";
      tokens.push({ kind: "name", name, span: { start, end: at } });
      continue;
    }
    const number = match(NUMBER);
    if (number !== null) {
      at += number.length;
      const span = { start, end: at };
      const value = Number(number);
      if (!Number.isFinite(value)) {
        throw new SyntaxFailure(problem("EXPRESSION_NUMBER_RANGE", { what: excerpt(number) }, span));
      }
      tokens.push({ kind: "number", value, span });
    } else if (character === "'" || character === '"') {
      at = scanQuoted(source, start);
      const span = { start, end: at };
      tokens.push({ kind: "string", value: unquote(source, span), span });
    } else if (character === "$" && source.charAt(at + 1) === "{") {
      at = scanReference(source, start);
      if (at === -1) throw new SyntaxFailure(unterminatedReference(source, start));
      tokens.push({ kind: "text", source: source.slice(start, at), span: { start, end: at } });
    } else {
      const symbol = match(SYMBOL);
      if (symbol === null) throw new SyntaxFailure(strayCharacter(source, start));
      at += symbol.length;
      if (symbol !== ".") inJobPath = inJobPath && (symbol === "[" || symbol === "]");
      tokens.push({ kind: "symbol", symbol, span: { start, end: at } });
    }
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function unquote(source: string, span: Span): string {
  const quote = source.charAt(span.start);
  let value = "";
  let at = span.start + 1;
  for (; at < span.end; at += 1) {
    const character = source.charAt(at);
    if (character === quote) return value;
    if (character === "$" && source.charAt(at + 1) === "{") {
      throw new SyntaxFailure(quotedReference(source, at, span.end));
    }
    if (character !== "\\") {
      value += character;
      continue;
    }
    at += 1;
    const escaped = source.charAt(at);
    const plain = ESCAPES.get(escaped);
    // `\$` keeps a literal `${` possible.
    if (plain === undefined && escaped !== "$") {
      if (at >= source.length) break;
      const escape = `\\${escaped}`;
      throw new SyntaxFailure(problem("EXPRESSION_STRING_ESCAPE", { escape }, { start: at - 1, end: at + 1 }));
    }
    value += plain ?? escaped;
  }
  throw new SyntaxFailure(
    problem("EXPRESSION_STRING_UNTERMINATED", { start: excerpt(source.slice(span.start, span.start + 20)) }, span),
  );
}

function quotedReference(source: string, start: number, textEnd: number): Problem {
  const end = scanReference(source, start);
  const reference = excerpt(source.slice(start, end === -1 ? textEnd - 1 : Math.min(end, textEnd)));
  const name = /^\$\{\s*([A-Za-z_][\w.]*)/.exec(reference)?.[1];
  const instead = name === undefined ? "join the parts with +" : `env.${name}`;
  return problem("EXPRESSION_QUOTED_REFERENCE", { reference, instead }, { start, end: start + reference.length });
}

function unterminatedReference(source: string, start: number): Problem {
  const closing = source.startsWith("${{", start) ? "}}" : "}";
  const shown = excerpt(source.slice(start, start + 20));
  return problem(
    "VARIABLE_UNTERMINATED",
    { start: shown, closing, escaped: `\\${shown}` },
    { start, end: source.length },
  );
}

const ADVICE: readonly (readonly [string, string])[] = [
  ["=", "Write == to compare."],
  ["&", "Write && for 'and'."],
  ["|", "Write || for 'or'."],
  ["?", "There is no conditional operator; ${NAME:+text} and ${NAME:-text} choose between texts."],
  ["$", "Write env.NAME or the name alone, without the dollar sign."],
  ["`", "Quote text with ' or \"."],
];

function strayCharacter(source: string, start: number): Problem {
  const character = String.fromCodePoint(source.codePointAt(start) ?? 0);
  const advice = ADVICE.find(([symbol]) => symbol === character)?.[1] ?? "Remove it, or put text in quotes.";
  return problem(
    "EXPRESSION_SYNTAX",
    { expected: "a value or an operator", found: `'${excerpt(character)}'`, advice },
    { start, end: start + character.length },
  );
}
