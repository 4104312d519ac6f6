import type { Span } from "../diagnostics/span.ts";
import { excerpt, problem, type Problem } from "../expressions/problem.ts";
import { MAX_EXPRESSION_LENGTH, MAX_NEEDLE_LENGTH } from "../expressions/limits.ts";
import { parseExpression } from "../expressions/parser.ts";
import type { ExpressionPart, Form, ReferencePart, Subject, TextPart, TextTemplate } from "./ast.ts";
import { scanText, type EscapeRule, type TextToken } from "./lexer.ts";
import { MAX_DEFERRED_NESTING, MAX_NESTING, MAX_TEXT_LENGTH } from "./limits.ts";
import { VARIABLE_NAME } from "./names.ts";
import { unquoteTemplate } from "./print.ts";

export interface ParsedText {
  /** What could be understood; a reference with a problem is left in it as literal text. */
  readonly template: TextTemplate;
  readonly problems: readonly Problem[];
}

/**
 * Parses text with references. Never throws; all problems outside of each other are found.
 *
 * @param mode - `deferred` also accepts `${"template"…}`, which only completed text of our own making holds
 */
export function parseText(text: string, mode: "written" | "deferred" = "written"): ParsedText {
  const parser = new TextParser(mode);
  return { template: parser.parse(text, 0, "none", 1), problems: parser.problems };
}

class TextParser {
  readonly problems: Problem[] = [];
  readonly #acceptsTemplates: boolean;

  constructor(mode: "written" | "deferred") {
    this.#acceptsTemplates = mode === "deferred";
  }

  /** @param base - where `text` begins in the whole text */
  parse(text: string, base: number, escapes: EscapeRule, depth: number): TextTemplate {
    const tokens = scanText(text, escapes);
    const limit = this.#acceptsTemplates ? MAX_DEFERRED_NESTING : MAX_NESTING;
    const reference = depth > limit ? tokens.find((token) => token.kind !== "literal") : undefined;
    if (reference !== undefined) {
      const span = spanOf(reference, base);
      this.problems.push(problem("VARIABLE_NESTING_TOO_DEEP", { limit }, span));
      return [{ kind: "literal", text }];
    }
    return tokens.map((token) => this.#part(token, base, depth));
  }

  #part(token: TextToken, base: number, depth: number): TextPart {
    switch (token.kind) {
      case "literal":
        return { kind: "literal", text: token.text };
      case "reference":
        return this.#reference(token.source, spanOf(token, base), depth);
      case "expression":
        return this.#expression(token.source, spanOf(token, base), depth);
      case "unterminated":
        return this.#unterminated(token.source, spanOf(token, base));
    }
  }

  #reference(source: string, span: Span, depth: number): TextPart {
    const content = source.slice(2, -1);
    let subject: Subject;
    let rest: string;
    const quoted = this.#acceptsTemplates ? unquoteTemplate(content) : null;
    if (quoted === null) {
      VARIABLE_NAME.lastIndex = 0;
      const name = VARIABLE_NAME.exec(content)?.[0] ?? "";
      subject = { kind: "name", name };
      rest = content.slice(name.length);
      const failure = checkName(name, rest, source, span);
      if (failure !== null) return this.#fail(failure, source);
    } else {
      // Positions inside a quoted template mean nothing to anyone: it is text of our own making.
      subject = { kind: "template", template: this.parse(quoted.template, span.start, "none", depth + 1) };
      rest = content.slice(quoted.length);
      if (!isFormStart(rest)) {
        const parameters = { name: excerpt(content), hint: "", escaped: excerpt(`$${source}`) };
        return this.#fail(problem("VARIABLE_NAME_INVALID", parameters, span), source);
      }
    }
    const form = this.#form(rest, source, span, depth);
    if ("code" in form) return this.#fail(form, source);
    return { kind: "reference", subject, form, source, span } satisfies ReferencePart;
  }

  #form(rest: string, source: string, span: Span, depth: number): Form | Problem {
    if (rest === "") return { kind: "plain" };
    if (rest.startsWith("/")) return parseReplacement(rest.slice(1), source, span);
    const kind = rest.startsWith(":-") ? "default" : "alternate";
    const start = span.end - 1 - rest.length + 2;
    return { kind, text: this.parse(rest.slice(2), start, "braces", depth + 1) };
  }

  #expression(source: string, span: Span, depth: number): TextPart {
    return this.parseExpression(source.slice(3, -2), span.start + 3, span, depth) ?? { kind: "literal", text: source };
  }

  /** @param offset - where `source` begins in the whole text */
  parseExpression(source: string, offset: number, span: Span, depth: number): ExpressionPart | null {
    // Deferred text may hold long values that have taken the place of names.
    const parsed = parseExpression(source, this.#acceptsTemplates ? MAX_TEXT_LENGTH : MAX_EXPRESSION_LENGTH);
    if (parsed.problem !== null) {
      this.problems.push({ ...parsed.problem, span: shift(parsed.problem.span, offset) });
      return null;
    }
    const texts = new Map<number, TextTemplate>();
    for (const [index, reference] of parsed.expression.references.entries()) {
      if (reference.kind !== "text") continue;
      texts.set(index, this.parse(reference.source, offset + reference.span.start, "none", depth + 1));
    }
    return { kind: "expression", expression: parsed.expression, texts, offset, span };
  }

  #unterminated(source: string, span: Span): TextPart {
    const start = excerpt(/^\$\{\{?\s*[\w.]*/.exec(source.slice(0, 60))?.[0] ?? source);
    const closing = source.startsWith("${{") ? "}}" : "}";
    return this.#fail(problem("VARIABLE_UNTERMINATED", { start, closing, escaped: `$${start}` }, span), source);
  }

  #fail(found: Problem, source: string): TextPart {
    this.problems.push(found);
    return { kind: "literal", text: source };
  }
}

/** Parses the source of a condition, which is an expression without `${{ }}` around it, as if they were there. */
export function parseBareExpression(source: string): {
  readonly part: ExpressionPart | null;
  problems: readonly Problem[];
} {
  const parser = new TextParser("written");
  const part = parser.parseExpression(source, 0, { start: 0, end: source.length }, 1);
  return { part, problems: parser.problems };
}

function isFormStart(rest: string): boolean {
  return rest === "" || /^(?::[-+]|\/)/.test(rest);
}

const SPECIAL_PARAMETER = /^(?:[0-9]+|[@*?$-])(?:$|[:#%/^,=+?-])/;

/** Why what stands between the braces is no reference of ours; null where it is one. */
function checkName(name: string, rest: string, source: string, span: Span): Problem | null {
  const content = source.slice(2, -1);
  const escaped = excerpt(`$${source}`);
  if (name !== "" && isFormStart(rest)) return null;
  if (content.trim() === "") {
    return problem("VARIABLE_NAME_EMPTY", { reference: excerpt(source), escaped }, span);
  }
  const nested = content.indexOf("${");
  if (nested !== -1 && /^[\w.-]*$/.test(content.slice(0, nested))) {
    return problem("VARIABLE_NAME_NESTED", { reference: excerpt(content) }, span);
  }
  const isShell = name === "" ? /^[#!]/.test(content) || SPECIAL_PARAMETER.test(content) : /^[:#%^,@[=?+~-]/.test(rest);
  if (isShell) return problem("VARIABLE_SHELL_FORM", { reference: excerpt(source), escaped }, span);
  const trimmed = content.trim();
  VARIABLE_NAME.lastIndex = 0;
  const hint = VARIABLE_NAME.exec(trimmed)?.[0] === trimmed ? `Write \${${excerpt(trimmed)}} without spaces. ` : "";
  return problem("VARIABLE_NAME_INVALID", { name: excerpt(content), hint, escaped }, span);
}

/** Takes `pattern/replacement` apart. A backslash makes a slash, a brace or a backslash plain. */
function parseReplacement(text: string, source: string, span: Span): Form | Problem {
  const reference = excerpt(source);
  const slash = findSlash(text);
  if (slash === -1) {
    const advice = "Write ${NAME/pattern/replacement}; to remove the pattern, end with a slash: ${NAME/pattern/}.";
    return problem("VARIABLE_REPLACEMENT_INVALID", { reference, problem: "a slash is missing", advice }, span);
  }
  if (text.includes("${")) {
    const advice = "Pattern and replacement are fixed text; do this in the script.";
    const found = "pattern and replacement cannot hold references";
    return problem("VARIABLE_REPLACEMENT_INVALID", { reference, problem: found, advice }, span);
  }
  const pattern = unescapeReplacement(text.slice(0, slash));
  if (pattern === "") {
    const advice = "Name the text to replace. One slash already replaces every occurrence.";
    return problem("VARIABLE_REPLACEMENT_INVALID", { reference, problem: "the pattern is empty", advice }, span);
  }
  if (pattern.length > MAX_NEEDLE_LENGTH) {
    const advice = `A pattern has at most ${MAX_NEEDLE_LENGTH} characters; do this in the script.`;
    return problem("VARIABLE_REPLACEMENT_INVALID", { reference, problem: "the pattern is too long", advice }, span);
  }
  return { kind: "replace", pattern, replacement: unescapeReplacement(text.slice(slash + 1)) };
}

/** Where the first slash without a backslash before it is; -1: nowhere. */
function findSlash(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\") at += 1;
    else if (character === "/") return at;
  }
  return -1;
}

function unescapeReplacement(text: string): string {
  return text.replaceAll(/\\([/{}\\])/g, "$1");
}

function spanOf(token: TextToken, base: number): Span {
  const start = base + token.start;
  return { start, end: start + token.source.length };
}

function shift(span: Span, by: number): Span {
  return { start: span.start + by, end: span.end + by };
}
