import { WaybillError } from "@waybill/core";
import {
  completeText,
  evaluateCondition,
  isDeferred,
  mergedEnvironment,
  type Environment,
  type PipelineJob,
  type PipelineStep,
  type RunContext,
  type Text,
} from "@waybill/pipeline";
import type { JobState, Outputs, RunState } from "../machine/run-state.ts";
import type { StepReference, StepSpec } from "../ports/executor.ts";
import type { SaveArtifacts, SavedArtifact } from "../ports/files.ts";
import { isSettled } from "../statuses.ts";
import { HandedOn } from "./handed-on.ts";
import type { RunVariables } from "./request.ts";

/**
 * Completes what only the run knows: the texts of a job just before they are needed. Texts without deferred
 * references pass through untouched.
 */
export class JobTexts {
  readonly #state: RunState;
  readonly #request: RunVariables;
  readonly #number: number;
  readonly #handedOn = new HandedOn((name) => this.#state.jobs.get(name)?.artifacts ?? []);
  /** Of jobs that are given some of their own, all that they have. */
  readonly #secrets = new Map<string, Readonly<Record<string, string>>>();
  readonly #outcomes: RunContext["jobs"] = { get: (name) => outcomeOf(this.#state.jobs.get(name)) };

  constructor(state: RunState, request: RunVariables, number: number) {
    this.#state = state;
    this.#request = request;
    this.#number = number;
  }

  /** Secrets of one job, which go before those of the run. */
  giveSecrets(job: string, secrets: Readonly<Record<string, string>>): void {
    this.#secrets.set(job, { ...this.#request.secrets, ...secrets });
  }

  /** Artifacts of everything the job depends on, directly or not, in the order in which they are to be restored. */
  artifactsFor(job: PipelineJob): readonly SavedArtifact[] {
    return this.#handedOn.receive(job);
  }

  /** Learns what was handed on before this process took the run up. @param begun each behind those it depends on */
  recall(begun: readonly string[]): void {
    for (const name of begun) {
      const job = this.#state.jobs.get(name);
      if (job !== undefined) this.artifactsFor(job.definition);
    }
  }

  /** @throws WaybillError where the condition cannot be decided */
  conditionHolds(job: JobState): boolean {
    const { condition } = job.definition;
    if (condition === null) return true;
    // A condition may see no secret, nor a variable with one in it: one that asks for it is told that there is none.
    const context = { ...this.#context(job, ""), secrets: {} };
    const merged = mergedEnvironment(this.#state.definition, job.definition, null, this.#request.parameters);
    const environment: Record<string, string> = {};
    for (const [name, text] of Object.entries(merged)) {
      try {
        environment[name] = completeText(text, context);
      } catch (error) {
        if (!(error instanceof WaybillError)) throw error;
      }
    }
    const { parameters, system } = this.#request;
    return evaluateCondition(condition, { ...context, parameters, system, environment });
  }

  /** @throws WaybillError */
  step(job: JobState, reference: StepReference, workspacePath: string): StepSpec {
    const step = job.definition.steps[reference.index] as PipelineStep;
    const context = this.#context(job, workspacePath);
    const merged = mergedEnvironment(this.#state.definition, job.definition, step, this.#request.parameters);
    return {
      index: reference.index,
      attempt: reference.attempt,
      name: step.name,
      script: step.script.map((line) => completeText(line, context)),
      image: step.image === null ? null : completeText(step.image, context),
      environment: { ...this.#receivedOutputs(job), ...context.runtime, ...this.#completeAll(merged, context) },
      workingDirectory: completeText(step.workingDirectory, context),
    };
  }

  /** The image of each step, by position. @throws WaybillError */
  images(job: JobState): (string | null)[] {
    const context = this.#context(job, "");
    return job.definition.steps.map(({ image }) => (image === null ? null : completeText(image, context)));
  }

  /** @throws WaybillError */
  artifacts(job: JobState, workspacePath: string): Pick<Required<SaveArtifacts>, "patterns" | "optional"> {
    const context = this.#context(job, workspacePath);
    const artifacts = Object.entries(job.definition.artifacts);
    return {
      patterns: Object.fromEntries(
        artifacts.map(([name, { paths }]) => [name, paths.map((path) => completeText(path, context))]),
      ),
      optional: artifacts.flatMap(([name, { optional }]) => (optional ? [name] : [])),
    };
  }

  /** What the jobs that this one names in `depends_on` have handed on; of two of a name, that of the job named later. */
  #receivedOutputs(job: JobState): Outputs {
    const received: Record<string, string> = {};
    for (const name of job.definition.dependsOn) Object.assign(received, this.#state.jobs.get(name)?.outputs);
    return received;
  }

  #context(job: JobState, workspacePath: string): RunContext {
    return {
      jobs: this.#outcomes,
      secrets: this.#secrets.get(job.name) ?? this.#request.secrets ?? {},
      runtime: {
        WORKSPACE: workspacePath,
        WAYBILL_RUN_ID: this.#state.id,
        WAYBILL_RUN_NUMBER: String(this.#number),
        WAYBILL_PIPELINE: this.#state.definition.name,
        WAYBILL_JOB: job.name,
        WAYBILL_ATTEMPT: String(Math.max(job.attempt, 1)),
      },
    };
  }

  #completeAll(environment: Environment, context: RunContext): Record<string, string> {
    const completed: Record<string, string> = {};
    for (const name in environment) completed[name] = completeText(environment[name] ?? "", context);
    return completed;
  }
}

function outcomeOf(job: JobState | undefined): ReturnType<RunContext["jobs"]["get"]> {
  if (job === undefined || !isSettled(job.status)) return undefined;
  return {
    status: job.status,
    outputs: job.outputs,
    artifacts: Object.fromEntries(
      Object.entries(job.definition.artifacts).map(([name, { paths }]) => [name, paths.map(asWritten).join(" ")]),
    ),
  };
}

/** Artifacts lie under the paths they were saved from, so their paths are what they are known by. */
function asWritten(path: Text): string {
  return isDeferred(path) ? path.deferred : path;
}
