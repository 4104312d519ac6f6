import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isErrorCode } from "@waybill/core";
import { evaluate } from "./testing.ts";
import { parseExpression } from "./parser.ts";
import { quote, typeOf, UNKNOWN, type Value } from "./values.ts";

const pieces = [
  ...Array.from("+-*/%()[].,!<>=&|'\"\\$ "),
  ...["==", "!=", "<=", "&&", "||", "${", "}", "${A}", "true", "false", "null", "env", "job", "secrets", "matrix"],
  ...[
    "contains",
    "startsWith",
    "join",
    "format",
    "fromJSON",
    "split",
    "__proto__",
    "constructor",
    "toString",
    "length",
  ],
  ...["A", "1", "0", "1e308", "'a'", "'[1,{\"a\":2}]'", "'{}'", "x y"],
];
const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(""));
const anyText = fc.oneof(soup, fc.string({ unit: "binary", maxLength: 60 }));

/** An expression that mostly parses, from the grammar. */
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie("expression");
  return {
    expression: fc.oneof(
      { maxDepth: 5, depthIdentifier: "expression" },
      fc.constantFrom("1", "0", "2.5", "'a'", "''", "true", "null", "A", "env.B", "fromJSON('{\"a\":[1]}')"),
      fc
        .tuple(inner, fc.constantFrom("+", "-", "*", "/", "%", "<", ">=", "==", "&&", "||"), inner)
        .map((all) => all.join(" ")),
      inner.map((all) => `(${all})`),
      fc.tuple(fc.constantFrom("!", "-"), inner).map((all) => all.join("")),
      fc
        .tuple(inner, fc.constantFrom("a", "constructor", "__proto__", "length"))
        .map(([object, key]) => `(${object}).${key}`),
      fc.tuple(inner, inner).map(([object, key]) => `(${object})[${key}]`),
      fc.tuple(inner, inner).map(([text, separator]) => `(${text}).split(${separator})`),
      fc
        .tuple(fc.constantFrom("contains", "join", "format", "startsWith"), inner, inner)
        .map(([name, first, second]) => `${name}(${first}, ${second})`),
    ),
  };
});

function isJson(value: Value): boolean {
  const type = typeOf(value);
  if (type === "array") return (value as readonly Value[]).every(isJson);
  if (type === "object") {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype && Object.values(value as Record<string, Value>).every(isJson);
  }
  return type === "number" ? Number.isFinite(value) : ["string", "boolean", "null"].includes(type);
}

describe("any expression", () => {
  it("gives a value of JSON or a coded problem inside its text, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, expression), (source) => {
        const { value, problem } = evaluate(source, { A: "a,b", B: "2" });
        if (problem === null) {
          expect(value !== UNKNOWN && isJson(value)).toBe(true);
        } else {
          expect(isErrorCode(problem.code)).toBe(true);
          expect(problem.span.start).toBeGreaterThanOrEqual(0);
          expect(problem.span.end).toBeLessThanOrEqual(source.length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("is unknown or right when tried out with a part of its variables", () => {
    fc.assert(
      fc.property(expression, fc.boolean(), fc.boolean(), (source, knowsA, knowsB) => {
        const all = { A: "a,b", B: "2" };
        const whole = evaluate(source, all);
        const part = evaluate(source, { A: knowsA ? all.A : UNKNOWN, B: knowsB ? all.B : UNKNOWN });
        // A trial may find a mistake the evaluation never reaches, but never another value.
        if (part.problem === null && part.value !== UNKNOWN) expect(part).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps any text that is quoted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(evaluate(quote(text))).toEqual({ value: text, problem: null });
      }),
    );
  });
});

interface Operation {
  readonly operator: string;
  readonly left: Tree;
  readonly right: Tree;
}
type Tree = number | Operation;

const STRENGTH: Readonly<Record<string, number>> = { "+": 1, "-": 1, "*": 2 };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.integer({ min: 0, max: 9 }),
    fc.record({ operator: fc.constantFrom("+", "-", "*"), left: tie("tree"), right: tie("tree") }),
  ),
}));

function compute(node: Tree): number {
  if (typeof node === "number") return node;
  const [left, right] = [compute(node.left), compute(node.right)];
  return node.operator === "+" ? left + right : node.operator === "-" ? left - right : left * right;
}

/** With the fewest parentheses that the table of operators allows. */
function print(node: Tree, weakest = 0): string {
  if (typeof node === "number") return String(node);
  const strength = STRENGTH[node.operator] ?? 0;
  const text = `${print(node.left, strength)} ${node.operator} ${print(node.right, strength + 1)}`;
  return strength < weakest ? `(${text})` : text;
}

describe("precedence", () => {
  it("groups operators as the table says, from the left among equals", () => {
    fc.assert(
      fc.property(tree, (node) => {
        const { value } = evaluate(print(node));
        expect((value as number) + 0).toBe(compute(node) + 0);
      }),
    );
  });

  it("puts comparison under && under ||, and ! above all of them", () => {
    const truth = fc.boolean();
    fc.assert(
      fc.property(truth, truth, truth, truth, (a, b, c, d) => {
        expect(evaluate(`!${a} || ${b} && ${c} == ${d} || ${d}`).value).toBe(!a || (b && c === d) || d);
      }),
    );
  });
});

describe("parsing", () => {
  it("is not slowed down by nesting that never closes", () => {
    for (const open of ["(", "[", "${", "${{", "!", "a.", "fromJSON("]) {
      expect(parseExpression(open.repeat(2000)).problem).not.toBeNull();
    }
  });
});
