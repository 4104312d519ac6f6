import type { Span } from "../diagnostics/span.ts";
import {
  FUNCTION_NAMES,
  METHOD_NAMES,
  type BinaryOperator,
  type Expression,
  type ExpressionNode,
  type ExpressionReference,
  type FunctionName,
  type MethodName,
} from "./ast.ts";
import { SyntaxFailure, tokenize, type Token } from "./lexer.ts";
import { MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_LENGTH } from "./limits.ts";
import { excerpt, problem, type Problem } from "./problem.ts";
import { didYouMean, listNames } from "../graph/wording.ts";

/** Weakest first; all of them group to the left. */
const BINDING: ReadonlyMap<string, number> = new Map([
  ["||", 1],
  ["&&", 2],
  ["==", 3],
  ["!=", 3],
  ["<", 4],
  ["<=", 4],
  [">", 4],
  [">=", 4],
  ["+", 5],
  ["-", 5],
  ["*", 6],
  ["/", 6],
  ["%", 6],
]);
const UNARY_BINDING = 7;

export type ParsedExpression =
  | { readonly expression: Expression; readonly problem: null }
  | { readonly expression: null; readonly problem: Problem };

/**
 * Parses an expression by operator precedence (Pratt). Stops at the first problem, whose span counts from the start of
 * `source`. Never throws and never overflows the stack, whatever the text.
 */
export function parseExpression(source: string, maxLength = MAX_EXPRESSION_LENGTH): ParsedExpression {
  try {
    if (source.length > maxLength) {
      const span = { start: 0, end: source.length };
      throw new SyntaxFailure(problem("EXPRESSION_LIMIT", { limit: `${maxLength} characters in all` }, span));
    }
    return { expression: new Parser(source).parse(), problem: null };
  } catch (failure) {
    if (failure instanceof SyntaxFailure) return { expression: null, problem: failure.problem };
    throw failure;
  }
}

/** A node without what every node has, distributed over the kinds. */
type Shape<Node> = Node extends unknown ? Omit<Node, "span" | "depth"> : never;

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #references: ExpressionReference[] = [];
  #position = 0;
  #nesting = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  parse(): Expression {
    if (this.#peek().kind === "end") {
      throw new SyntaxFailure(problem("EXPRESSION_EMPTY", {}, { start: 0, end: this.#source.length }));
    }
    const root = this.#binary(0);
    if (this.#peek().kind !== "end") this.#unexpected("an operator or the end", "Join two values with an operator.");
    return { source: this.#source, root, references: this.#references };
  }

  #binary(weakest: number): ExpressionNode {
    // Parentheses and unary operators recurse before a node exists that would know its depth.
    this.#nesting += 1;
    this.#checkDepth(this.#nesting, this.#peek().span);
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const binding = token.kind === "symbol" ? BINDING.get(token.symbol) : undefined;
      if (token.kind !== "symbol" || binding === undefined || binding <= weakest) break;
      this.#position += 1;
      const right = this.#binary(binding);
      const operator = token.symbol as BinaryOperator;
      left = this.#node({ kind: "binary", operator, left, right }, left.span.start, [left, right]);
    }
    this.#nesting -= 1;
    return left;
  }

  #unary(): ExpressionNode {
    const token = this.#peek();
    if (token.kind !== "symbol" || (token.symbol !== "!" && token.symbol !== "-")) return this.#postfix();
    this.#position += 1;
    const operand = this.#binary(UNARY_BINDING);
    return this.#node({ kind: "unary", operator: token.symbol, operand }, token.span.start, [operand]);
  }

  #postfix(): ExpressionNode {
    let node = this.#primary();
    for (;;) {
      if (this.#take(".")) {
        const token = this.#next();
        if (token.kind !== "name") this.#unexpectedToken(token, "a name after '.'", "Write the name of a member.");
        node = this.#isNext("(") ? this.#method(node, token) : this.#member(node, this.#literal(token.name, token));
      } else if (this.#take("[")) {
        const key = this.#binary(0);
        this.#expect("]");
        node = this.#member(node, key);
      } else {
        return node;
      }
    }
  }

  #primary(): ExpressionNode {
    const token = this.#next();
    switch (token.kind) {
      case "number":
      case "string":
        return this.#literal(token.value, token);
      case "text":
        return this.#reference({ kind: "text", source: token.source, span: token.span });
      case "name":
        return this.#named(token.name, token.span);
      case "symbol":
        if (token.symbol === "(") {
          const inner = this.#binary(0);
          this.#expect(")");
          return inner;
        }
        return this.#unexpectedToken(token, "a value", "Put a name, a number or quoted text there.");
      case "end":
        return this.#unexpectedToken(token, "a value", "Put a name, a number or quoted text there.");
    }
  }

  #named(name: string, span: Span): ExpressionNode {
    if (this.#isNext("(")) return this.#call(name, span);
    switch (name) {
      case "true":
      case "false":
        return this.#literal(name === "true", { span });
      case "null":
        return this.#literal(null, { span });
      case "env":
      case "matrix":
      case "secrets":
        if (this.#isNext(".") || this.#isNext("[")) {
          const key = this.#part(name) ?? this.#namespaceFailure(name, span);
          return this.#nameReference(name === "env" ? key : `${name}.${key}`, "string", span);
        }
        return this.#nameReference(name, "string", span);
      case "job":
      case "JOB":
        return this.#jobReference(name, span);
      default: {
        // Variables may have dotted names, and text has no members, so the dots belong to the name.
        const parts = [name];
        while (this.#isNext(".")) {
          const part = this.#part(name);
          if (part === null) break;
          parts.push(part);
        }
        return this.#nameReference(parts.join("."), "string", span);
      }
    }
  }

  /** `job.<name>.<field>` and one more part after `outputs` and `artifacts`. What fields there are is not decided here. */
  #jobReference(namespace: string, span: Span): ExpressionNode {
    const parts: string[] = [];
    while (parts.length < 2 || (parts.length === 2 && (parts[1] === "outputs" || parts[1] === "artifacts"))) {
      const part = this.#isNext(".") || this.#isNext("[") ? this.#part(namespace) : null;
      if (part === null) break;
      parts.push(part);
    }
    const isCount = parts[1] === "artifacts" && parts[2] === "count";
    return this.#nameReference(["job", ...parts].join("."), isCount ? "number" : "string", span);
  }

  /** `.name` or `['name']`; null, with nothing consumed, for a method call. */
  #part(namespace: string): string | null {
    const token = this.#tokens[this.#position + 1];
    if (this.#isNext("[")) {
      const closing = this.#tokens[this.#position + 2];
      if (token?.kind !== "string" || closing?.kind !== "symbol" || closing.symbol !== "]") {
        return this.#namespaceFailure(namespace, this.#peek().span);
      }
      this.#position += 3;
      return token.value;
    }
    if (token?.kind !== "name") return this.#namespaceFailure(namespace, this.#peek().span);
    const after = this.#tokens[this.#position + 2];
    if (after?.kind === "symbol" && after.symbol === "(") return null;
    this.#position += 2;
    return token.name;
  }

  #namespaceFailure(namespace: string, span: Span): never {
    throw new SyntaxFailure(problem("EXPRESSION_NAMESPACE", { namespace }, span));
  }

  #call(name: string, span: Span): ExpressionNode {
    if (!isOneOf(FUNCTION_NAMES, name)) {
      const parameters = {
        name: excerpt(name),
        hint: didYouMean(name, FUNCTION_NAMES),
        available: listNames(FUNCTION_NAMES),
      };
      throw new SyntaxFailure(problem("EXPRESSION_UNKNOWN_FUNCTION", parameters, span));
    }
    const values = this.#arguments();
    return this.#node<FunctionCall>({ kind: "call", name, arguments: values }, span.start, values);
  }

  #method(object: ExpressionNode, token: { readonly name: string; readonly span: Span }): ExpressionNode {
    const { name, span } = token;
    if (!isOneOf(METHOD_NAMES, name)) {
      const parameters = { name: excerpt(name), hint: didYouMean(name, METHOD_NAMES) };
      throw new SyntaxFailure(problem("EXPRESSION_UNKNOWN_METHOD", parameters, span));
    }
    const values = this.#arguments();
    return this.#node<MethodCall>({ kind: "method", name, object, arguments: values }, object.span.start, [
      object,
      ...values,
    ]);
  }

  #arguments(): ExpressionNode[] {
    this.#expect("(");
    const values: ExpressionNode[] = [];
    if (this.#take(")")) return values;
    do values.push(this.#binary(0));
    while (this.#take(","));
    this.#expect(")");
    return values;
  }

  #member(object: ExpressionNode, key: ExpressionNode): ExpressionNode {
    return this.#node({ kind: "member", object, key }, object.span.start, [object, key]);
  }

  #literal(value: string | number | boolean | null, { span }: { readonly span: Span }): ExpressionNode {
    return { kind: "literal", value, span, depth: 1 };
  }

  #nameReference(name: string, type: "string" | "number", start: Span): ExpressionNode {
    return this.#reference({ kind: "name", name, type, span: { start: start.start, end: this.#consumedEnd() } });
  }

  #reference(reference: ExpressionReference): ExpressionNode {
    this.#references.push(reference);
    return { kind: "reference", index: this.#references.length - 1, span: reference.span, depth: 1 };
  }

  #node<Node extends ExpressionNode>(
    shape: Shape<Node>,
    start: number,
    children: readonly ExpressionNode[],
  ): ExpressionNode {
    const span = { start, end: this.#consumedEnd() };
    const depth = 1 + children.reduce((deepest, child) => Math.max(deepest, child.depth), 0);
    this.#checkDepth(depth, span);
    return { ...shape, span, depth };
  }

  #checkDepth(depth: number, span: Span): void {
    if (depth <= MAX_EXPRESSION_DEPTH) return;
    const limit = `${MAX_EXPRESSION_DEPTH} operations inside one another`;
    throw new SyntaxFailure(problem("EXPRESSION_LIMIT", { limit }, span));
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? END;
  }

  #next(): Token {
    const token = this.#peek();
    this.#position += 1;
    return token;
  }

  #consumedEnd(): number {
    return this.#tokens[this.#position - 1]?.span.end ?? 0;
  }

  #isNext(symbol: string): boolean {
    const token = this.#peek();
    return token.kind === "symbol" && token.symbol === symbol;
  }

  #take(symbol: string): boolean {
    if (!this.#isNext(symbol)) return false;
    this.#position += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) this.#unexpected(`'${symbol}'`, `Add the missing '${symbol}'.`);
  }

  #unexpected(expected: string, advice: string): never {
    this.#unexpectedToken(this.#peek(), expected, advice);
  }

  #unexpectedToken(token: Token, expected: string, advice: string): never {
    const found =
      token.kind === "end" ? "the end" : `'${excerpt(this.#source.slice(token.span.start, token.span.end))}'`;
    // Nothing can be underlined at the end, so what stands before it is.
    const place = token.kind === "end" ? (this.#tokens.at(-2) ?? token) : token;
    throw new SyntaxFailure(problem("EXPRESSION_SYNTAX", { expected, found, advice }, place.span));
  }
}

type FunctionCall = Extract<ExpressionNode, { readonly name: FunctionName }>;
type MethodCall = Extract<ExpressionNode, { readonly name: MethodName }>;

const END: Token = { kind: "end", span: { start: 0, end: 0 } };

function isOneOf<const Names extends readonly string[]>(names: Names, name: string): name is Names[number] {
  return names.includes(name);
}
