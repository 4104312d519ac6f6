import type { Span } from "../diagnostics/span.ts";
import type { ExpressionReference } from "../expressions/ast.ts";
import { checkExpression } from "../expressions/check.ts";
import { evaluateExpression } from "../expressions/evaluate.ts";
import { searchSteps, TOTAL_STEPS_LIMIT, type EvaluationOptions, type WorkMeter } from "../expressions/budget.ts";
import { problem, type Problem, type ReportProblem } from "../expressions/problem.ts";
import { quote, UNKNOWN, valueToText, type Unknown, type Value } from "../expressions/values.ts";
import type { ExpressionPart, ReferencePart, TextPart, TextTemplate } from "./ast.ts";
import { MAX_DEFERRED_NESTING, MAX_TEXT_LENGTH, MAX_TEXT_NAME } from "./limits.ts";
import {
  isPartial,
  mayBeEmpty,
  partialReference,
  printPartial,
  printSubject,
  TextBuilder,
  type PartialText,
  type Resolved,
} from "./partial-text.ts";
import { escapeNested, escapeReplacement, quoteTemplate } from "./print.ts";

/** A value could not be had, and why has been reported. */
export const FAILED: unique symbol = Symbol("failed");
export type Failed = typeof FAILED;

/** Where the values of a text come from. */
export interface Lookup {
  readonly report: ReportProblem;
  readonly evaluation: EvaluationOptions & { readonly meter: WorkMeter };
  /** The value of a variable; null where there is none. Problems other than that are reported. */
  find(name: string, span: Span): Resolved | null | Failed;
  /** What to report where `find` gave null and no default helps. */
  undefinedProblem(name: string, span: Span): Problem;
  /** Asked about every reference with a value that holds a secret; null: it may stand here. */
  secretProblem(part: TextPart & { readonly span: Span }): Problem | null;
}

/**
 * Replaces the references of a text as far as `lookup` knows their values. All problems of the text are reported, not
 * just the first.
 */
export function substitute(template: TextTemplate, lookup: Lookup): Resolved | Failed {
  const builder = new TextBuilder();
  let failed = false;
  for (const part of template) {
    const value = resolvePart(part, lookup);
    if (value === FAILED) {
      failed = true;
      continue;
    }
    if (part.kind !== "literal" && isPartial(value) && value.usesSecret) {
      const misplaced = lookup.secretProblem(part);
      if (misplaced !== null) {
        lookup.report(misplaced);
        failed = true;
        continue;
      }
    }
    builder.append(value);
    if (part.kind !== "literal" && isTooLarge(builder, part.span, lookup)) return FAILED;
  }
  return failed ? FAILED : builder.finish();
}

function resolvePart(part: TextPart, lookup: Lookup): Resolved | Failed {
  switch (part.kind) {
    case "literal":
      return part.text;
    case "reference":
      return resolveReference(part, lookup);
    case "expression":
      return resolveExpression(part, lookup);
  }
}

function resolveReference({ subject, form, span }: ReferencePart, lookup: Lookup): Resolved | Failed {
  const value = subject.kind === "name" ? lookup.find(subject.name, span) : substitute(subject.template, lookup);
  if (value === FAILED) return FAILED;
  if (form.kind === "default" || form.kind === "alternate") {
    const wantsValue = form.kind === "default";
    const isEmpty = value === null || value === "" ? true : isPartial(value) && mayBeEmpty(value) ? null : false;
    // As in the shell, the colon forms take an empty value for none.
    if (isEmpty === wantsValue) return substitute(form.text, lookup);
    if (isEmpty !== null || value === null || !isPartial(value)) return wantsValue ? (value ?? "") : "";
    const other = substitute(form.text, lookup);
    if (other === FAILED) return FAILED;
    const nested = isPartial(other) ? `\${${quoteTemplate(printPartial(other))}}` : escapeNested(other);
    const reference = `\${${printSubject(value)}${wantsValue ? ":-" : ":+"}${nested}}`;
    return leave(reference, isPartial(other) ? [value, other] : [value], span, lookup);
  }
  if (value === null) {
    const name = subject.kind === "name" ? subject.name : "";
    lookup.report(lookup.undefinedProblem(name, span));
    return FAILED;
  }
  if (form.kind === "plain") return value;
  if (isPartial(value)) {
    const [pattern, replacement] = [escapeReplacement(form.pattern), escapeReplacement(form.replacement)];
    return leave(`\${${printSubject(value)}/${pattern}/${replacement}}`, [value], span, lookup);
  }
  return replaceAll(value, form.pattern, form.replacement, span, lookup);
}

/** The length of the result is computed first: a megabyte of one letter times a long replacement must not be built. */
function replaceAll(text: string, pattern: string, replacement: string, span: Span, lookup: Lookup): string | Failed {
  if (!lookup.evaluation.meter.spend(searchSteps(text, pattern))) {
    lookup.report(problem("EXPRESSION_LIMIT", { limit: TOTAL_STEPS_LIMIT }, span));
    return FAILED;
  }
  const pieces = text.split(pattern);
  const length = text.length + (pieces.length - 1) * (replacement.length - pattern.length);
  return isTooLarge({ length }, span, lookup) ? FAILED : pieces.join(replacement);
}

function resolveExpression(part: ExpressionPart, lookup: Lookup): Resolved | Failed {
  const evaluated = evaluatePart(part, lookup);
  if (evaluated === FAILED) return FAILED;
  const { value, bindings } = evaluated;
  if (value !== UNKNOWN) {
    const text = valueToText(value);
    return isTooLarge(text, part.span, lookup) ? FAILED : text;
  }
  const partials = bindings.filter(isPartial);
  return leave(`\${{${splice(part, bindings)}}}`, partials, part.span, lookup);
}

export interface EvaluatedPart {
  readonly value: Value | Unknown;
  /** By index of the expression's references. */
  readonly bindings: readonly Resolved[];
}

/** Looks up all that an expression reads, checks its types and computes it as far as it can be. */
export function evaluatePart(part: ExpressionPart, lookup: Lookup): EvaluatedPart | Failed {
  const { expression, texts, offset } = part;
  let failed = false;
  function report(found: Problem): void {
    failed = true;
    const span = { start: found.span.start + offset, end: found.span.end + offset };
    lookup.report({ ...found, span });
  }
  const bindings: Resolved[] = [];
  for (const [index, reference] of expression.references.entries()) {
    const value = bind(reference, texts.get(index), offset, lookup);
    if (value === FAILED) failed = true;
    else bindings.push(value);
  }
  checkExpression(expression, report);
  if (failed) return FAILED;
  const redact = expression.source.includes("secrets");
  const values = bindings.map((binding, index) => valueOf(binding, expression.references[index]));
  const evaluated = evaluateExpression(expression, values, { ...lookup.evaluation, redact });
  if (evaluated.problem !== null) {
    report(evaluated.problem);
    return FAILED;
  }
  return { value: evaluated.value, bindings };
}

function bind(
  reference: ExpressionReference,
  text: TextTemplate | undefined,
  offset: number,
  lookup: Lookup,
): Resolved | Failed {
  if (reference.kind === "text") return text === undefined ? FAILED : substitute(text, lookup);
  const span = { start: reference.span.start + offset, end: reference.span.end + offset };
  const value = lookup.find(reference.name, span);
  if (value !== null) return value;
  lookup.report(lookup.undefinedProblem(reference.name, span));
  return FAILED;
}

function valueOf(binding: Resolved, reference: ExpressionReference | undefined): Value | Unknown {
  if (isPartial(binding)) return UNKNOWN;
  return reference?.kind === "name" && reference.type === "number" ? Number(binding) : binding;
}

/** The expression's source with the values that are known in the place of their names. */
function splice({ expression }: ExpressionPart, bindings: readonly Resolved[]): string {
  let source = "";
  let at = 0;
  for (const [index, reference] of expression.references.entries()) {
    const binding = bindings[index] ?? "";
    source += expression.source.slice(at, reference.span.start);
    at = reference.span.end;
    source += isPartial(binding) ? printOperand(binding, reference, expression.source) : quote(binding);
  }
  return source + expression.source.slice(at);
}

function printOperand(binding: PartialText, reference: ExpressionReference, source: string): string {
  const only = binding.chunks.length === 1 ? binding.chunks[0] : undefined;
  const chunk = only !== undefined && "reference" in only ? only.reference : null;
  // Known only during the run under this very name: it stays, with the type it has.
  if (reference.kind === "name" && chunk === `\${${reference.name}}`) {
    return source.slice(reference.span.start, reference.span.end);
  }
  return chunk ?? `\${${quoteTemplate(printPartial(binding))}}`;
}

/** A reference for the run to complete. */
function leave(reference: string, parts: readonly PartialText[], span: Span, lookup: Lookup): PartialText | Failed {
  if (isTooLarge(reference, span, lookup)) return FAILED;
  // Each level of ours may stand inside a quoted template, which parses as one more.
  const nesting = 2 + parts.reduce((deepest, part) => Math.max(deepest, part.nesting), 0);
  if (nesting >= MAX_DEFERRED_NESTING) {
    lookup.report(problem("VARIABLE_NESTING_TOO_DEEP", { limit: MAX_DEFERRED_NESTING }, span));
    return FAILED;
  }
  const usesSecret = parts.some((part) => part.usesSecret);
  return partialReference(reference, nesting, usesSecret);
}

function isTooLarge({ length }: { readonly length: number }, span: Span, lookup: Lookup): boolean {
  if (length <= MAX_TEXT_LENGTH) return false;
  lookup.report(problem("VARIABLE_TEXT_TOO_LARGE", { what: "The text", limit: MAX_TEXT_NAME }, span));
  return true;
}
