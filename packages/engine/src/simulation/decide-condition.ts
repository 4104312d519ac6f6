import { WaybillError } from "@waybill/core";
import {
  completeText,
  evaluateCondition,
  mergedEnvironment,
  RUNTIME_VARIABLES,
  type PipelineDefinition,
  type PipelineJob,
  type RunContext,
} from "@waybill/pipeline";
import { isSettled, type JobStatus } from "../statuses.ts";

export interface ConditionQuestion {
  readonly definition: PipelineDefinition;
  readonly job: PipelineJob;
  /** Null: there is no such job in this run. */
  statusOf(job: string): JobStatus | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly system: Readonly<Record<string, string>>;
}

export type ConditionDecision =
  | { readonly kind: "decided"; readonly holds: boolean }
  /** It asks for what only a real run knows. */
  | { readonly kind: "undecidable"; readonly why: string };

/**
 * Decides a job's condition by what is known without running anything: the file, the parameters, and how the jobs
 * before it ended.
 */
export function decideCondition(question: ConditionQuestion): ConditionDecision {
  const { definition, job, parameters, system } = question;
  if (job.condition === null) return { kind: "decided", holds: true };
  const context: RunContext = {
    jobs: { get: (name) => settledJob(question, name) },
    secrets: {},
    runtime: { WAYBILL_PIPELINE: definition.name, WAYBILL_JOB: job.name, WAYBILL_ATTEMPT: "1" },
  };
  const environment: Record<string, string> = {};
  const unknown = RUNTIME_VARIABLES.filter((name) => !Object.hasOwn(context.runtime, name)).map(String);
  for (const [name, text] of Object.entries(mergedEnvironment(definition, job, null, parameters))) {
    try {
      environment[name] = completeText(text, context);
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      unknown.push(name);
    }
  }
  const asked = unknownReference(job.condition, unknown);
  if (asked !== null) return { kind: "undecidable", why: `only a run knows ${asked}` };
  try {
    return {
      kind: "decided",
      holds: evaluateCondition(job.condition, { ...context, parameters, system, environment }),
    };
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return { kind: "undecidable", why: error.message };
  }
}

/**
 * What the condition asks for that is not known, where evaluating it would not tell: `${X:-no}` falls back to its
 * default in silence. A mere mention in a string counts too, which costs a warning and never a wrong decision.
 */
function unknownReference(condition: string, unknown: readonly string[]): string | null {
  const outputs = /\bjobs?\.[\w-]+\.outputs\.[\w-]+/.exec(condition);
  if (outputs !== null) return outputs[0];
  const words = new Set(condition.match(/[A-Za-z_]\w*/g));
  return unknown.find((name) => words.has(name)) ?? null;
}

function settledJob(question: ConditionQuestion, name: string): ReturnType<RunContext["jobs"]["get"]> {
  const status = question.statusOf(name);
  if (status === null || !isSettled(status)) return undefined;
  const artifacts = Object.keys(question.definition.jobs.get(name)?.artifacts ?? {});
  return { status, outputs: {}, artifacts: Object.fromEntries(artifacts.map((artifact) => [artifact, ""])) };
}
