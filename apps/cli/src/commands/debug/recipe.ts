import { looksSecret, MASK, WaybillError } from "@waybill/core";
import { isSettled } from "@waybill/engine";
import {
  completeText,
  isDeferred,
  mergedEnvironment,
  type PipelineJob,
  type RunContext,
  type Text,
} from "@waybill/pipeline";
import type { StoredJob } from "../../files/stored-run.ts";
import { Redaction } from "./redaction.ts";

/** Stands in texts for the directory in which the job is repeated: only the shell that repeats it knows its path. */
export const WORKSPACE_MARKER = "\u0001workspace\u0001";

/** A step as it ran, for somebody else to run: complete, but for secrets. */
export interface StepRecipe {
  readonly name: string;
  /** As in the pipeline file: `/workspace`, below it, or relative to it; or another absolute path. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Variables whose values are not shown as they are. */
  readonly redacted: readonly string[];
  /** That it ran in; null: the step names none, or the job ran without it. */
  readonly image: string | null;
  readonly script: readonly string[];
  /** Instead of a script; null: there is a script. */
  readonly action: string | null;
}

export interface JobRecipe {
  readonly steps: readonly StepRecipe[];
  /** Variables whose values are not shown as they are. */
  readonly redacted: readonly string[];
  /** References that could not be completed and stand as they were written. */
  readonly incomplete: readonly string[];
}

export interface RecipeRequest {
  readonly job: PipelineJob;
  /** Position of the last step that is wanted. */
  readonly upTo: number;
  readonly parameters: Readonly<Record<string, string>>;
  /** What the job ran in last; null: it has not run. */
  readonly executor: string | null;
  /** Where the steps are to see the workspace, or the marker for it. */
  readonly workspace: string;
}

export function recipeOf(stored: StoredJob, request: RecipeRequest): JobRecipe {
  const { job, upTo, parameters, executor } = request;
  const context = contextOf(stored, job, request.workspace);
  const received = receivedOutputs(stored, job);
  const secretOutputs = secretOutputsOf(stored);
  const redacted = new Set<string>();
  const incomplete = new Set<string>();
  const complete = (text: Text): string => completeOrKeep(text, context, incomplete);
  const steps = job.steps.slice(0, upTo + 1).map((step): StepRecipe => {
    const texts = mergedEnvironment(stored.definition, job, step, parameters);
    const values: Record<string, string> = { ...received, ...context.runtime };
    for (const [name, text] of Object.entries(texts)) values[name] = complete(text);
    const redaction = new Redaction(texts, values, secretOutputs);
    const shown = Object.entries(values).map(([name, value]) => [name, redaction.value(name, value)] as const);
    for (const name of redaction.names) redacted.add(name);
    const image = step.image === null || executor === "process" ? null : redaction.text(complete(step.image));
    return {
      name: step.name,
      workingDirectory: redaction.text(complete(step.workingDirectory)),
      environment: Object.fromEntries(shown),
      redacted: redaction.names,
      image,
      script: step.script.map((line) => redaction.text(complete(line))),
      action: step.action,
    };
  });
  return { steps, redacted: [...redacted], incomplete: [...incomplete] };
}

/** Of the jobs that this one names in `depends_on`; of two of a name, that of the job named later. */
function receivedOutputs({ jobs }: StoredJob, job: PipelineJob): Readonly<Record<string, string>> {
  return Object.assign({}, ...job.dependsOn.map((name) => jobs.get(name)?.outputs)) as Record<string, string>;
}

/** Any job's: an expression may give them another name. */
function secretOutputsOf({ jobs }: StoredJob): readonly string[] {
  const outputs = [...jobs.values()].flatMap((record) => Object.entries(record.outputs));
  return outputs.flatMap(([name, value]) => (looksSecret(name) ? [value] : []));
}

function contextOf({ run, definition, jobs }: StoredJob, job: PipelineJob, workspace: string): RunContext {
  return {
    jobs: {
      get: (name) => {
        const record = jobs.get(name);
        if (record === undefined || !isSettled(record.status)) return undefined;
        const artifacts = Object.entries(definition.jobs.get(name)?.artifacts ?? {});
        return {
          status: record.status,
          outputs: record.outputs,
          artifacts: Object.fromEntries(artifacts.map(([key, { paths }]) => [key, written(paths)])),
        };
      },
    },
    secrets: {},
    runtime: {
      WORKSPACE: workspace,
      WAYBILL_RUN_ID: run.id,
      WAYBILL_RUN_NUMBER: String(run.number),
      WAYBILL_PIPELINE: definition.name,
      WAYBILL_JOB: job.name,
      WAYBILL_ATTEMPT: String(Math.max(jobs.get(job.name)?.attempts ?? 1, 1)),
    },
  };
}

function completeOrKeep(text: Text, context: RunContext, incomplete: Set<string>): string {
  if (!isDeferred(text)) return text;
  const names = text.deferred.match(/(?<=\bsecrets\.)[A-Za-z_]\w*/g) ?? [];
  const secrets = Object.fromEntries(names.map((name) => [name, MASK]));
  try {
    return completeText(text, { ...context, secrets });
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    incomplete.add(text.deferred);
    return text.deferred;
  }
}

function written(paths: readonly Text[]): string {
  return paths.map((path) => (isDeferred(path) ? path.deferred : path)).join(" ");
}
