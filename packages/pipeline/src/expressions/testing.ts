import { checkExpression } from "./check.ts";
import { evaluateExpression } from "./evaluate.ts";
import { parseExpression } from "./parser.ts";
import { problemError, type Problem } from "./problem.ts";
import type { EvaluationOptions } from "./budget.ts";
import type { Unknown, Value } from "./values.ts";

export interface Outcome {
  readonly value: Value | Unknown;
  readonly problem: Problem | null;
}

/** Parses, checks and evaluates with variables by canonical name; one that is missing is empty text. */
export function evaluate(
  source: string,
  variables: Readonly<Record<string, Value | Unknown>> = {},
  options: EvaluationOptions = {},
): Outcome {
  const parsed = parseExpression(source);
  if (parsed.problem !== null) return { value: null, problem: parsed.problem };
  const problems: Problem[] = [];
  checkExpression(parsed.expression, (found) => problems.push(found));
  const [first] = problems;
  if (first !== undefined) return { value: null, problem: first };
  const bindings = parsed.expression.references.map((reference) => {
    if (reference.kind === "text") return reference.source;
    return Object.hasOwn(variables, reference.name) ? (variables[reference.name] ?? null) : "";
  });
  return evaluateExpression(parsed.expression, bindings, options);
}

/** `CODE: message` of a problem. */
export function wordsOf({ problem }: Outcome): string {
  return problem === null ? "no problem" : `${problem.code}: ${problemError(problem).message}`;
}
