import type { Clock } from "@waybill/core";
import { problem, problemError, type Problem, type ReportProblem } from "../expressions/problem.ts";
import { checkExpression } from "../expressions/check.ts";
import { truthOf } from "../expressions/evaluate.ts";
import { describe, typeName, UNKNOWN } from "../expressions/values.ts";
import { scanReference } from "../expressions/scan.ts";
import type { ExpressionPart } from "./ast.ts";
import { runLookup, type RunContext } from "./complete-text.ts";
import type { EnvironmentScope } from "./environment-scope.ts";
import { isPartial } from "./partial-text.ts";
import { parseBareExpression } from "./parser.ts";
import { evaluatePart, FAILED, type Lookup } from "./substitute.ts";

/**
 * Checks a job's condition: syntax, names, types, and its value as far as it is known.
 *
 * @param text - the condition as it is written: an expression, `${{ expression }}` or `${NAME}`
 * @param report - spans count in `text`
 * @returns the condition's expression, without `${{ }}` around it and otherwise as it is written, so that people
 *   recognise it in a plan; `evaluateCondition` computes it when the job is due
 */
export function resolveCondition(text: string, scope: EnvironmentScope, report: ReportProblem): string {
  const { source, offset } = bareExpression(text);
  function reportInside(found: Problem): void {
    report({ ...found, span: { start: found.span.start + offset, end: found.span.end + offset } });
  }
  const { part, problems } = parseBareExpression(source);
  for (const found of problems) reportInside(found);
  if (part === null || problems.length > 0) return source;
  const failure = checkCondition(part, scope.lookup(reportInside));
  if (failure !== null) reportInside(failure);
  return source;
}

function checkCondition(part: ExpressionPart, lookup: Lookup): Problem | null {
  const evaluated = evaluatePart(part, lookup);
  if (evaluated === FAILED) return null;
  for (const [index, binding] of evaluated.bindings.entries()) {
    const reference = part.expression.references[index];
    if (!isPartial(binding) || !binding.usesSecret || reference === undefined) continue;
    const source = reference.kind === "name" ? `\${${reference.name}}` : reference.source;
    const name = reference.kind === "name" ? reference.name : "";
    const subject = { kind: "name", name } as const;
    return lookup.secretProblem({ kind: "reference", subject, form: { kind: "plain" }, source, span: reference.span });
  }
  if (evaluated.value !== UNKNOWN) {
    return truthOf(evaluated.value) === null ? notACondition(part, describe(evaluated.value)) : null;
  }
  const type = checkExpression(part.expression, () => {});
  const fits = type === null || type === "boolean" || type === "string";
  return fits ? null : notACondition(part, typeName(type));
}

/** What `evaluateCondition` needs besides what every completion needs. */
export interface ConditionContext extends RunContext {
  /** The job's environment, completed. */
  readonly environment: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly system: Readonly<Record<string, string>>;
  readonly matrix?: Readonly<Record<string, string>>;
}

/**
 * Decides whether a job runs, just before it would start.
 *
 * @param source - `PipelineJob.condition`
 * @throws WaybillError with a `VARIABLE_…` or `EXPRESSION_…` code, where a value that only the run knows does not fit
 */
export function evaluateCondition(source: string, context: ConditionContext, clock?: Pick<Clock, "now">): boolean {
  const { part, problems } = parseBareExpression(bareExpression(source).source);
  const [failure] = problems;
  if (part === null || failure !== undefined) throw problemError(failure ?? emptyCondition());
  const { parameters, environment, system } = context;
  const lookup = runLookup(context, [parameters, environment, system], clock);
  const evaluated = evaluatePart(part, lookup);
  // The lookup of a run throws at the first problem.
  if (evaluated === FAILED || evaluated.value === UNKNOWN) throw problemError(emptyCondition());
  const truth = truthOf(evaluated.value);
  if (truth === null) throw problemError(notACondition(part, describe(evaluated.value)));
  return truth;
}

function notACondition(part: ExpressionPart, actual: string): Problem {
  const first = part.expression.references[0];
  const instead = first?.kind === "name" ? `${first.name} == 'value'` : "env.STAGE == 'prod'";
  return problem("EXPRESSION_CONDITION_TYPE", { actual, instead }, part.span);
}

function emptyCondition(): Problem {
  return problem("EXPRESSION_EMPTY", {}, { start: 0, end: 0 });
}

/** Takes `${{ }}` from around a condition, where one pair encloses all of it. */
function bareExpression(text: string): { readonly source: string; readonly offset: number } {
  const trimmed = text.trim();
  const start = text.indexOf(trimmed);
  if (!trimmed.startsWith("${{") || scanReference(trimmed, 0) !== trimmed.length)
    return { source: trimmed, offset: start };
  const inner = trimmed.slice(3, -2);
  const source = inner.trim();
  return { source, offset: start + 3 + inner.indexOf(source) };
}
