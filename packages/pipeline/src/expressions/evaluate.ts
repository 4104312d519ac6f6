import type { Span } from "../diagnostics/span.ts";
import type { BinaryOperator, Expression, ExpressionNode } from "./ast.ts";
import { Budget, EvaluationFailure, textSteps, type EvaluationOptions } from "./budget.ts";
import { CONTAINERS, expectedNames, JOINABLE, KEYS, NUMBERS, OPERATORS, TRUTHS } from "./check.ts";
import { FUNCTIONS, METHODS, type FunctionDefinition } from "./functions.ts";
import { excerpt, problem, type Problem } from "./problem.ts";
import { didYouMean, listNames } from "../graph/wording.ts";
import {
  describe,
  equals,
  parseBoolean,
  parseNumber,
  typeOf,
  UNKNOWN,
  valueToText,
  type Unknown,
  type Value,
  type ValueType,
} from "./values.ts";

export type Evaluated =
  { readonly value: Value | Unknown; readonly problem: null } | { readonly value: null; readonly problem: Problem };

type Partial = Value | Unknown;

/**
 * Computes an expression whose references have been looked up.
 *
 * With some of them `UNKNOWN` this is a trial before the run: the result is `UNKNOWN` where it depends on them, and
 * mistakes in the known parts are found all the same.
 *
 * @param bindings - the value of each of `expression.references`, by index
 * @returns the value, or the first problem with a span in `expression.source`; never throws
 */
export function evaluateExpression(
  expression: Expression,
  bindings: readonly Partial[],
  options: EvaluationOptions = {},
): Evaluated {
  try {
    const evaluator = new Evaluator(bindings, new Budget(options, expression.root.span));
    return { value: evaluator.evaluate(expression.root), problem: null };
  } catch (failure) {
    if (failure instanceof EvaluationFailure) return { value: null, problem: failure.problem };
    throw failure;
  }
}

/** The truth of a condition's value; null for one that is neither true nor false. */
export function truthOf(value: Value): boolean | null {
  if (typeof value === "boolean") return value;
  return typeof value === "string" ? parseBoolean(value) : null;
}

class Evaluator {
  readonly #bindings: readonly Partial[];
  readonly #budget: Budget;

  constructor(bindings: readonly Partial[], budget: Budget) {
    this.#bindings = bindings;
    this.#budget = budget;
  }

  /** Recursion is as deep as the tree, which the parser bounds. */
  evaluate(node: ExpressionNode): Partial {
    this.#budget.spend(1);
    switch (node.kind) {
      case "literal":
        return node.value;
      case "reference":
        return this.#bindings[node.index] ?? null;
      case "unary": {
        const operand = this.evaluate(node.operand);
        if (operand === UNKNOWN) return UNKNOWN;
        return node.operator === "!"
          ? !this.#truth(operand, "'!'", node.operand.span)
          : -this.#number(operand, "'-'", node.operand.span);
      }
      case "binary":
        return this.#binary(node.operator, node.left, node.right, node.span);
      case "member":
        return this.#member(this.evaluate(node.object), this.evaluate(node.key), node.object.span, node.key.span);
      case "call":
        return this.#call(node.name, FUNCTIONS[node.name], node.arguments, node.span);
      case "method":
        return this.#call(node.name, METHODS[node.name], [node.object, ...node.arguments], node.span);
    }
  }

  #binary(operator: BinaryOperator, leftNode: ExpressionNode, rightNode: ExpressionNode, span: Span): Partial {
    const what = `'${operator}'`;
    const left = this.evaluate(leftNode);
    if (operator === "&&" || operator === "||") {
      const first = left === UNKNOWN ? UNKNOWN : this.#truth(left, what, leftNode.span);
      if (first === (operator === "||")) return first;
      const right = this.evaluate(rightNode);
      const second = right === UNKNOWN ? UNKNOWN : this.#truth(right, what, rightNode.span);
      return first === UNKNOWN ? UNKNOWN : second;
    }
    const right = this.evaluate(rightNode);
    if (operator === "+") return this.#plus(left, right, leftNode.span, rightNode.span);
    const { operands } = OPERATORS[operator];
    if (operator === "==" || operator === "!=") {
      this.#require(left, what, operands, leftNode.span);
      this.#require(right, what, operands, rightNode.span);
      if (left === UNKNOWN || right === UNKNOWN) return UNKNOWN;
      if (typeof left === "string") this.#budget.spend(textSteps(left.length));
      return equals(left, right) === (operator === "==");
    }
    const first = left === UNKNOWN ? UNKNOWN : this.#number(left, what, leftNode.span);
    const second = right === UNKNOWN ? UNKNOWN : this.#number(right, what, rightNode.span);
    if (second === 0 && (operator === "/" || operator === "%")) {
      throw new EvaluationFailure(problem("EXPRESSION_DIVISION_BY_ZERO", { what }, span));
    }
    if (first === UNKNOWN || second === UNKNOWN) return UNKNOWN;
    const result = NUMERIC[operator](first, second);
    return typeof result === "number" ? this.#finite(result, what, span) : result;
  }

  /** A sum where both sides are numbers, joined text where one is text. Never decided by what a text spells. */
  #plus(left: Partial, right: Partial, leftSpan: Span, rightSpan: Span): Partial {
    this.#require(left, "'+'", JOINABLE, leftSpan);
    this.#require(right, "'+'", JOINABLE, rightSpan);
    if (left === UNKNOWN || right === UNKNOWN) return UNKNOWN;
    if (typeof left === "number" && typeof right === "number") {
      return this.#finite(left + right, "'+'", { start: leftSpan.start, end: rightSpan.end });
    }
    if (typeof left !== "string" && typeof right !== "string") {
      this.#require(left, "'+'", KEYS, leftSpan);
      this.#require(right, "'+'", KEYS, rightSpan);
    }
    const [first, second] = [valueToText(left), valueToText(right)];
    this.#budget.checkLength(first.length + second.length);
    this.#budget.spend(textSteps(first.length + second.length));
    return first + second;
  }

  #member(object: Partial, key: Partial, objectSpan: Span, keySpan: Span): Partial {
    this.#require(object, "Member access", CONTAINERS, objectSpan);
    this.#require(key, "Member access", KEYS, keySpan);
    if (object === UNKNOWN || key === UNKNOWN) return UNKNOWN;
    if (Array.isArray(object)) {
      const elements = object as readonly Value[];
      const index = typeof key === "number" ? key : parseNumber(key as string);
      const element = index === null ? undefined : elements[index];
      if (element !== undefined) return element;
      const available = `The list has ${elements.length} elements, counted from 0.`;
      this.#missing(key, "", available, keySpan);
    }
    const name = valueToText(key);
    if (Object.hasOwn(object as object, name)) return (object as Readonly<Record<string, Value>>)[name] ?? null;
    const names = Object.keys(object as object);
    const available = this.#budget.redact ? "" : `Members: ${listNames(names.map(excerpt))}.`;
    return this.#missing(name, this.#budget.redact ? "" : didYouMean(name, names), available, keySpan);
  }

  #missing(key: Value, hint: string, available: string, span: Span): never {
    const member = this.#budget.redact ? "of that name" : `'${excerpt(valueToText(key))}'`;
    throw new EvaluationFailure(problem("EXPRESSION_MEMBER_MISSING", { member, hint, available }, span));
  }

  #call(name: string, definition: FunctionDefinition, nodes: readonly ExpressionNode[], span: Span): Partial {
    const values: Value[] = [];
    for (const [index, node] of nodes.entries()) {
      const value = this.evaluate(node);
      this.#require(value, name, definition.parameters[index] ?? definition.rest ?? [], node.span);
      if (value !== UNKNOWN) values.push(value);
    }
    return values.length < nodes.length ? UNKNOWN : definition.run(values, this.#budget, span);
  }

  #require(value: Partial, what: string, expected: readonly ValueType[], span: Span): void {
    if (value === UNKNOWN || expected.includes(typeOf(value))) return;
    throw new EvaluationFailure(
      problem(
        "EXPRESSION_TYPE",
        { what, expected: expectedNames(expected), actual: describe(value, this.#budget.redact) },
        span,
      ),
    );
  }

  #truth(value: Value, what: string, span: Span): boolean {
    const truth = truthOf(value);
    if (truth !== null) return truth;
    const actual = describe(value, this.#budget.redact);
    throw new EvaluationFailure(problem("EXPRESSION_TYPE", { what, expected: expectedNames(TRUTHS), actual }, span));
  }

  #number(value: Value, what: string, span: Span): number {
    this.#require(value, what, NUMBERS, span);
    const number = typeof value === "number" ? value : parseNumber(value as string);
    if (number !== null) return number;
    const shown = describe(value, this.#budget.redact);
    throw new EvaluationFailure(problem("EXPRESSION_NOT_A_NUMBER", { what, value: shown }, span));
  }

  #finite(value: number, what: string, span: Span): number {
    if (Number.isFinite(value)) return value;
    throw new EvaluationFailure(problem("EXPRESSION_NUMBER_RANGE", { what }, span));
  }
}

const NUMERIC: Readonly<
  Record<Exclude<BinaryOperator, "+" | "==" | "!=" | "&&" | "||">, (left: number, right: number) => number | boolean>
> = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
};
