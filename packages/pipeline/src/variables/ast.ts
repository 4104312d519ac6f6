import type { Span } from "../diagnostics/span.ts";
import type { Expression } from "../expressions/ast.ts";

/** Text with references, parsed. Two literals never follow one another. */
export type TextTemplate = readonly TextPart[];

export type TextPart = LiteralPart | ReferencePart | ExpressionPart;

export interface LiteralPart {
  readonly kind: "literal";
  /** With escapes resolved: a `$${` is `${` here. */
  readonly text: string;
}

/** `${…}`. Spans count from the start of the whole text, also for references inside others. */
export interface ReferencePart {
  readonly kind: "reference";
  readonly subject: Subject;
  readonly form: Form;
  /** As it stands in the text. */
  readonly source: string;
  readonly span: Span;
}

/** What a form is applied to: a variable, or (in deferred text only) a template put in its place. */
export type Subject =
  { readonly kind: "name"; readonly name: string } | { readonly kind: "template"; readonly template: TextTemplate };

export type Form =
  | { readonly kind: "plain" }
  /** `:-`, used where the variable is undefined or empty. */
  | { readonly kind: "default"; readonly text: TextTemplate }
  /** `:+`, used where the variable is defined and not empty. */
  | { readonly kind: "alternate"; readonly text: TextTemplate }
  /** `/pattern/replacement`: every occurrence, compared literally. */
  | { readonly kind: "replace"; readonly pattern: string; readonly replacement: string };

/** `${{ … }}`. */
export interface ExpressionPart {
  readonly kind: "expression";
  readonly expression: Expression;
  /** By index of the expression's reference: the `${…}` among them, parsed. */
  readonly texts: ReadonlyMap<number, TextTemplate>;
  /** Where `expression.source` begins in the whole text. */
  readonly offset: number;
  readonly span: Span;
}
