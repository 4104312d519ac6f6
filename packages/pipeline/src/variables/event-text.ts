import { WaybillError } from "@waybill/core";
import type { Span } from "../diagnostics/span.ts";
import { WorkMeter } from "../expressions/budget.ts";
import { excerpt, problem, problemError, type Problem, type ReportProblem } from "../expressions/problem.ts";
import { didYouMean, listNames } from "../graph/wording.ts";
import { EVENT_VARIABLES, type EventVariable } from "../model/concurrency.ts";
import { INPUT_PREFIX, type InputValue } from "../model/input.ts";
import { parseText } from "./parser.ts";
import { isPartial, partialReference, type Resolved } from "./partial-text.ts";
import { FAILED, substitute, type Lookup } from "./substitute.ts";

/*
 * Texts about the event that starts a run. They are completed by whoever starts it, before the run has an environment,
 * so they see the event and the inputs, and nothing else: no variables, and no secrets.
 */

/** Reports what is wrong with a text as far as it can be known without an event. */
export function checkEventText(text: string, inputs: readonly string[], report: ReportProblem): void {
  const names = namesFor(inputs);
  const { template, problems } = parseText(text);
  for (const found of problems) report(found);
  const lookup = lookupIn(names, (name) => partialReference(`\${${name}}`), report);
  substitute(template, lookup);
}

/**
 * Completes a text for one event.
 *
 * @param text - of the definition, where it has been checked
 * @param event - a variable that is left out is empty
 * @throws WaybillError with a `VARIABLE_…` or `EXPRESSION_…` code, where the event's values do not fit
 */
export function completeEventText(
  text: string,
  event: Readonly<Partial<Record<EventVariable, string>>>,
  inputs: Readonly<Record<string, InputValue>> = {},
): string {
  const names = namesFor(Object.keys(inputs));
  function fail(found: Problem): never {
    throw problemError(found);
  }
  function valueOf(name: string): string {
    if (name.startsWith(INPUT_PREFIX)) return String(inputs[name.slice(INPUT_PREFIX.length)] ?? "");
    return event[name as EventVariable] ?? "";
  }
  const { template, problems } = parseText(text);
  for (const found of problems) fail(found);
  const resolved = substitute(template, lookupIn(names, valueOf, fail));
  if (resolved === FAILED || isPartial(resolved)) {
    throw new WaybillError("VARIABLE_NOT_PROVIDED", { reference: excerpt(text), advice: "Only a run knows it." });
  }
  return resolved;
}

function namesFor(inputs: readonly string[]): readonly string[] {
  return [...EVENT_VARIABLES, ...inputs.map((name) => `${INPUT_PREFIX}${name}`)];
}

function lookupIn(names: readonly string[], valueOf: (name: string) => Resolved, report: ReportProblem): Lookup {
  return {
    report,
    evaluation: { meter: new WorkMeter() },
    find: (name) => (names.includes(name) ? valueOf(name) : null),
    undefinedProblem: (name, span) => unknownName(name, names, span),
    // Nothing that is found holds a secret.
    secretProblem: () => null,
  };
}

function unknownName(name: string, names: readonly string[], span: Span): Problem {
  const known = listNames(names, names.length);
  return problem("VARIABLE_NOT_OF_EVENT", { name: excerpt(name), hint: didYouMean(name, names), known }, span);
}
