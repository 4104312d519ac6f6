import type { Span } from "../diagnostics/span.ts";

/**
 * A parsed expression. `references` holds every name it reads, in source order; nodes point into it by index, so that
 * whoever evaluates the expression looks all of them up once, beforehand, and finds all that are undefined.
 */
export interface Expression {
  readonly source: string;
  readonly root: ExpressionNode;
  readonly references: readonly ExpressionReference[];
}

/** Spans count from the start of `Expression.source`. */
export type ExpressionReference =
  /** `env.STAGE`, `STAGE`, `job.build.status`; `name` is canonical: without `env.`, and with `job.` in lower case. */
  | { readonly kind: "name"; readonly name: string; readonly type: "string" | "number"; readonly span: Span }
  /** `${…}` as it stands in the source. Always text. */
  | { readonly kind: "text"; readonly source: string; readonly span: Span };

export type ExpressionNode = (
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "reference"; readonly index: number }
  | { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: ExpressionNode }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
    }
  | { readonly kind: "member"; readonly object: ExpressionNode; readonly key: ExpressionNode }
  | { readonly kind: "call"; readonly name: FunctionName; readonly arguments: readonly ExpressionNode[] }
  | {
      readonly kind: "method";
      readonly name: MethodName;
      readonly object: ExpressionNode;
      readonly arguments: readonly ExpressionNode[];
    }
) & {
  readonly span: Span;
  /** 1 for a leaf. Bounds every recursion over the tree. */
  readonly depth: number;
};

export type UnaryOperator = "!" | "-";
export type ArithmeticOperator = "-" | "*" | "/" | "%";
export type OrderOperator = "<" | "<=" | ">" | ">=";
export type BinaryOperator = ArithmeticOperator | OrderOperator | "+" | "==" | "!=" | "&&" | "||";

export const FUNCTION_NAMES = ["contains", "startsWith", "join", "format", "fromJSON"] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

export const METHOD_NAMES = ["split"] as const;
export type MethodName = (typeof METHOD_NAMES)[number];
