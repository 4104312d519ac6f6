import { MASK, WaybillError } from "@waybill/core";
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

/** @param upTo - position of the last step that is wanted */
export function recipeOf(
  stored: StoredJob,
  job: PipelineJob,
  upTo: number,
  parameters: Readonly<Record<string, string>>,
): JobRecipe {
  const context = contextOf(stored, job);
  const redacted = new Set<string>();
  const incomplete = new Set<string>();
  const complete = (text: Text): string => completeOrKeep(text, context, incomplete);
  const steps = job.steps.slice(0, upTo + 1).map((step): StepRecipe => {
    const texts = mergedEnvironment(stored.definition, job, step, parameters);
    const values: Record<string, string> = { ...context.runtime };
    for (const [name, text] of Object.entries(texts)) values[name] = complete(text);
    const redaction = new Redaction(texts, values);
    const shown = Object.entries(values).map(([name, value]) => [name, redaction.value(name, value)] as const);
    for (const name of redaction.names) redacted.add(name);
    return {
      name: step.name,
      workingDirectory: redaction.text(complete(step.workingDirectory)),
      environment: Object.fromEntries(shown),
      script: step.script.map((line) => redaction.text(complete(line))),
      action: step.action,
    };
  });
  return { steps, redacted: [...redacted], incomplete: [...incomplete] };
}

function contextOf({ run, definition, jobs }: StoredJob, job: PipelineJob): RunContext {
  return {
    jobs: {
      get: (name) => {
        const status = jobs.get(name)?.status;
        if (status === undefined || !isSettled(status)) return undefined;
        const artifacts = Object.entries(definition.jobs.get(name)?.artifacts ?? {});
        return {
          status,
          outputs: {},
          artifacts: Object.fromEntries(artifacts.map(([key, { paths }]) => [key, written(paths)])),
        };
      },
    },
    secrets: {},
    runtime: {
      WORKSPACE: WORKSPACE_MARKER,
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
