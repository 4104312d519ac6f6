import type { Span } from "../diagnostics/span.ts";
import type { BinaryOperator, Expression, ExpressionNode } from "./ast.ts";
import { FUNCTIONS, METHODS, type FunctionDefinition } from "./functions.ts";
import { problem, type ReportProblem } from "./problem.ts";
import { typeName, type ValueType } from "./values.ts";

/** What is known of a value before there is one; null: nothing. */
export type StaticType = ValueType | null;

/** Variables are text, so what wants a truth value or a number also takes text that spells one. */
export const TRUTHS: readonly ValueType[] = ["boolean", "string"];
export const NUMBERS: readonly ValueType[] = ["number", "string"];
export const SCALARS: readonly ValueType[] = ["string", "number", "boolean", "null"];
export const CONTAINERS: readonly ValueType[] = ["object", "array"];
export const KEYS: readonly ValueType[] = ["string", "number"];

/** What `+` joins to text; null is left out, because joining it is nearly always a mistake. */
export const JOINABLE: readonly ValueType[] = ["string", "number", "boolean"];

/** For each operator but `+`: the types of its operands and of its result. */
export const OPERATORS: Readonly<
  Record<Exclude<BinaryOperator, "+">, { readonly operands: readonly ValueType[]; readonly result: ValueType }>
> = {
  "||": { operands: TRUTHS, result: "boolean" },
  "&&": { operands: TRUTHS, result: "boolean" },
  "==": { operands: SCALARS, result: "boolean" },
  "!=": { operands: SCALARS, result: "boolean" },
  "<": { operands: NUMBERS, result: "boolean" },
  "<=": { operands: NUMBERS, result: "boolean" },
  ">": { operands: NUMBERS, result: "boolean" },
  ">=": { operands: NUMBERS, result: "boolean" },
  "-": { operands: NUMBERS, result: "number" },
  "*": { operands: NUMBERS, result: "number" },
  "/": { operands: NUMBERS, result: "number" },
  "%": { operands: NUMBERS, result: "number" },
};

/** The types for a message: `a list or an object`; text that may stand for a number goes without saying. */
export function expectedNames(types: readonly ValueType[]): string {
  if (types === TRUTHS) return "true or false";
  if (types === NUMBERS) return "a number";
  return types.map(typeName).join(" or ");
}

/** Reports every operand and argument whose type can be seen to be wrong without any values; gives the result's type. */
export function checkExpression(expression: Expression, report: ReportProblem): StaticType {
  return check(expression.root);

  function check(node: ExpressionNode): StaticType {
    switch (node.kind) {
      case "literal":
        return literalType(node.value);
      case "reference": {
        const reference = expression.references[node.index];
        return reference?.kind === "name" ? reference.type : "string";
      }
      case "unary": {
        const expected = node.operator === "!" ? TRUTHS : NUMBERS;
        require(`'${node.operator}'`, check(node.operand), expected, node.operand.span);
        return node.operator === "!" ? "boolean" : "number";
      }
      case "binary": {
        const left = check(node.left);
        const right = check(node.right);
        if (node.operator === "+") return checkPlus(left, right, node);
        const { operands, result } = OPERATORS[node.operator];
        require(`'${node.operator}'`, left, operands, node.left.span);
        require(`'${node.operator}'`, right, operands, node.right.span);
        return result;
      }
      case "member":
        require("Member access", check(node.object), CONTAINERS, node.object.span);
        require("Member access", check(node.key), KEYS, node.key.span);
        return null;
      case "call":
        return checkCall(node.name, FUNCTIONS[node.name], node.arguments, node.span, 0);
      case "method":
        return checkCall(node.name, METHODS[node.name], [node.object, ...node.arguments], node.span, 1);
    }
  }

  function checkPlus(
    left: StaticType,
    right: StaticType,
    node: Extract<ExpressionNode, { readonly kind: "binary" }>,
  ): StaticType {
    const isSum = left === "number" && right === "number";
    const joins = left === "string" || right === "string";
    const isOpen = left === null || right === null;
    // Neither a sum nor joined text, as in true + 1.
    const expected = isSum || joins || isOpen ? JOINABLE : KEYS;
    require("'+'", left, expected, node.left.span);
    require("'+'", right, expected, node.right.span);
    return isSum ? "number" : joins ? "string" : null;
  }

  function checkCall(
    name: string,
    definition: FunctionDefinition,
    values: readonly ExpressionNode[],
    span: Span,
    hidden: number,
  ): StaticType {
    const types = values.map(check);
    const { parameters, rest, usage, result } = definition;
    if (types.length < parameters.length || (rest === null && types.length > parameters.length)) {
      const wanted = parameters.length - hidden;
      const expected = `${rest === null ? "" : "at least "}${wanted} argument${wanted === 1 ? "" : "s"}`;
      report(problem("EXPRESSION_ARGUMENTS", { name, expected, count: types.length - hidden, usage }, span));
      return result;
    }
    for (const [index, type] of types.entries()) {
      require(name, type, parameters[index] ?? rest ?? [], values[index]?.span ?? span);
    }
    return result;
  }

  function require(what: string, type: StaticType, expected: readonly ValueType[], span: Span): void {
    if (type === null || expected.includes(type)) return;
    report(problem("EXPRESSION_TYPE", { what, expected: expectedNames(expected), actual: typeName(type) }, span));
  }
}

function literalType(value: string | number | boolean | null): ValueType {
  return value === null ? "null" : (typeof value as "string" | "number" | "boolean");
}
