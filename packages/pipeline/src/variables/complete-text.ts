import type { Clock } from "@waybill/core";
import { WorkMeter } from "../expressions/budget.ts";
import { problem, problemError, type Problem } from "../expressions/problem.ts";
import type { Text } from "../model/definition.ts";
import { isDeferred } from "../model/definition.ts";
import { isJobName, isMatrixName, isRuntimeVariable, isSecretName, parseJobName, withoutNamespace } from "./names.ts";
import { isPartial } from "./partial-text.ts";
import { parseText } from "./parser.ts";
import { FAILED, substitute, type Lookup } from "./substitute.ts";

/** What a run knows when it completes the text of a job that is about to start. */
export interface RunContext {
  /** The jobs that have settled, at least all that the job depends on. */
  readonly jobs: Pick<ReadonlyMap<string, SettledJob>, "get">;
  /** Values of `RUNTIME_VARIABLES`. */
  readonly runtime: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface SettledJob {
  /** Wire value, for example `success`; text sees it in upper case. */
  readonly status: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Artifact name -> what `${job.<job>.artifacts.<name>}` stands for. */
  readonly artifacts: Readonly<Record<string, string>>;
}

/**
 * The final text of a value of the definition.
 *
 * @throws WaybillError with a `VARIABLE_…` or `EXPRESSION_…` code for the first reference that cannot be completed
 */
export function completeText(text: Text, context: RunContext, clock?: Pick<Clock, "now">): string {
  if (!isDeferred(text)) return text;
  const { template, problems } = parseText(text.deferred, "deferred");
  const [failure] = problems;
  if (failure !== undefined) throw problemError(failure);
  const resolved = substitute(template, runLookup(context, [], clock));
  if (resolved === FAILED || isPartial(resolved)) {
    throw problemError(notProvided(text.deferred, "Report this: the definition and the run do not fit together."));
  }
  return resolved;
}

/** A lookup in which everything is known and the first problem is thrown. */
export function runLookup(
  context: RunContext & { readonly matrix?: Readonly<Record<string, string>> },
  variables: readonly Readonly<Record<string, string>>[],
  clock?: Pick<Clock, "now">,
): Lookup {
  const meter = new WorkMeter();
  return {
    report(found) {
      throw problemError(found);
    },
    evaluation: clock === undefined ? { meter } : { meter, clock },
    find: (name) => find(name, context, variables),
    undefinedProblem: (name) => undefinedProblem(name, context),
    secretProblem: () => null,
  };
}

function find(
  name: string,
  context: RunContext & { readonly matrix?: Readonly<Record<string, string>> },
  variables: readonly Readonly<Record<string, string>>[],
): string | null {
  if (isSecretName(name)) return own(context.secrets, withoutNamespace(name));
  if (isMatrixName(name)) return own(context.matrix ?? {}, withoutNamespace(name));
  for (const scope of variables) {
    const value = own(scope, name);
    if (value !== null) return value;
  }
  if (!isJobName(name)) return own(context.runtime, name);
  const wanted = parseJobName(name);
  const job = wanted === null ? undefined : context.jobs.get(wanted.job);
  if (wanted === null || job === undefined) return null;
  switch (wanted.field) {
    case "status":
      return job.status.toUpperCase();
    case "count":
      return String(Object.keys(job.artifacts).length);
    case "outputs":
      return own(job.outputs, wanted.key);
    case "artifacts":
      return own(job.artifacts, wanted.key);
  }
}

function own(values: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(values, name) ? (values[name] ?? null) : null;
}

function undefinedProblem(name: string, context: RunContext): Problem {
  const nowhere = { start: 0, end: 0 };
  if (isSecretName(name)) return problem("VARIABLE_SECRET_UNKNOWN", { name: withoutNamespace(name) }, nowhere);
  if (isRuntimeVariable(name)) {
    return notProvided(name, "Report this: the run should have provided it before the job starts.");
  }
  const wanted = isJobName(name) ? parseJobName(name) : null;
  if (wanted === null) return notProvided(name, "Define the variable in an environment map or pass it with --var.");
  if (context.jobs.get(wanted.job) === undefined) {
    return notProvided(name, `Job '${wanted.job}' is not part of this run or has not settled; run it as well.`);
  }
  const fallback = `\${${name}:-value}`;
  return notProvided(name, `Let job '${wanted.job}' provide it, or write a default: ${fallback}.`);
}

function notProvided(reference: string, advice: string): Problem {
  return problem("VARIABLE_NOT_PROVIDED", { reference, advice }, { start: 0, end: 0 });
}
