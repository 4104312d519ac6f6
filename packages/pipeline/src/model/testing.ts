import { DEFAULT_PLACE } from "./job-place.ts";
import type { PipelineDefinition, PipelineJob, PipelineStep } from "./definition.ts";
import { plainRetry, type RetryRule } from "./retry-rule.ts";

export interface JobSketch extends RetrySketch, Partial<Omit<PipelineJob, "steps" | "retry">> {
  readonly steps?: readonly StepSketch[];
}

export interface StepSketch extends RetrySketch, Partial<Omit<PipelineStep, "retry">> {}

/** A rule in part, or only how often. */
export interface RetrySketch {
  readonly retryCount?: number;
  readonly retry?: Partial<RetryRule>;
}

/** A definition from as little as `{ build: {}, test: { dependsOn: ["build"] } }`; each job has one step. */
export function definitionOf(
  jobs: Readonly<Record<string, JobSketch>>,
  pipeline: Partial<PipelineDefinition> = {},
): PipelineDefinition {
  return {
    name: "demo",
    globalEnv: {},
    timeout: 7200,
    retryPolicy: { maxAttempts: 1 },
    artifacts: {},
    triggers: [],
    schedule: [],
    inputs: new Map(),
    concurrency: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    ...pipeline,
    jobs: new Map(Object.entries(jobs).map(([name, sketch]) => [name, jobOf(name, sketch)])),
  };
}

function jobOf(name: string, { retryCount, retry, steps, ...sketch }: JobSketch): PipelineJob {
  return {
    name,
    dependsOn: [],
    artifacts: {},
    environment: {},
    timeout: 3600,
    place: DEFAULT_PLACE,
    retry: { ...plainRetry(retryCount ?? 0), ...retry },
    condition: null,
    deploysTo: null,
    ...sketch,
    steps: (steps ?? [{}]).map(({ retryCount: count, retry: rule, ...step }, index) => ({
      name: `step-${index + 1}`,
      script: ["make"],
      action: null,
      image: null,
      environment: {},
      timeout: 1800,
      retry: { ...plainRetry(count ?? 0), ...rule },
      workingDirectory: "/workspace",
      continueOnFailure: false,
      ...step,
    })),
  };
}
