import { retryToJson, type RetryJson } from "../model/retry-json.ts";
import type { Plan, PlannedJob, PlannedStep } from "./plan.ts";

/** What `waybill plan --json` prints. Programs read this: fields are added, never renamed. */
export interface PlanJson {
  readonly name: string;
  readonly levels: readonly (readonly string[])[];
  readonly jobs: Readonly<Record<string, PlannedJobJson>>;
  readonly critical_path: readonly string[];
  readonly parallelism: number;
  readonly warnings: readonly object[];
}

export interface PlannedJobJson {
  readonly depends_on: readonly string[];
  readonly dependents: readonly string[];
  readonly condition: string | null;
  readonly deploys_to: string | null;
  readonly steps: readonly PlannedStepJson[];
  /** Seconds. */
  readonly timeout: number;
  /** `max` of `retry`. */
  readonly retry_count: number;
  readonly retry: RetryJson;
  readonly artifacts: Readonly<Record<string, readonly string[]>>;
  readonly optional_artifacts: readonly string[];
}

export interface PlannedStepJson {
  readonly name: string;
  readonly image: string | null;
  readonly script: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout: number;
  /** `max` of `retry`. */
  readonly retry_count: number;
  readonly retry: RetryJson;
}

/** @param warnings - the diagnostics of the file, in the form `--json` shows them */
export function planToJson(plan: Plan, warnings: readonly object[]): PlanJson {
  return {
    name: plan.name,
    levels: plan.levels,
    jobs: Object.fromEntries([...plan.jobs].map(([name, job]) => [name, jobToJson(job)])),
    critical_path: plan.criticalPath,
    parallelism: plan.parallelism,
    warnings,
  };
}

function jobToJson(job: PlannedJob): PlannedJobJson {
  return {
    depends_on: job.dependsOn,
    dependents: job.dependents,
    condition: job.condition,
    deploys_to: job.deploysTo,
    steps: job.steps.map(stepToJson),
    timeout: job.timeout,
    retry_count: job.retry.max,
    retry: retryToJson(job.retry),
    artifacts: job.artifacts,
    optional_artifacts: job.optionalArtifacts,
  };
}

function stepToJson(step: PlannedStep): PlannedStepJson {
  return {
    name: step.name,
    image: step.image,
    script: step.script,
    environment: step.environment,
    timeout: step.timeout,
    retry_count: step.retry.max,
    retry: retryToJson(step.retry),
  };
}
