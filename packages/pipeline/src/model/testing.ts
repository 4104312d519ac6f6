import { DEFAULT_PLACE } from "./job-place.ts";
import type { PipelineDefinition, PipelineJob, PipelineStep } from "./definition.ts";

export interface JobSketch extends Partial<Omit<PipelineJob, "steps">> {
  readonly steps?: readonly Partial<PipelineStep>[];
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
    createdAt: "2026-01-01T00:00:00.000Z",
    ...pipeline,
    jobs: new Map(Object.entries(jobs).map(([name, sketch]) => [name, jobOf(name, sketch)])),
  };
}

function jobOf(name: string, sketch: JobSketch): PipelineJob {
  return {
    name,
    dependsOn: [],
    artifacts: {},
    environment: {},
    timeout: 3600,
    retryCount: 0,
    place: DEFAULT_PLACE,
    condition: null,
    ...sketch,
    steps: (sketch.steps ?? [{}]).map((step, index) => ({
      name: `step-${index + 1}`,
      script: ["make"],
      action: null,
      image: null,
      environment: {},
      timeout: 1800,
      retryCount: 0,
      workingDirectory: "/workspace",
      continueOnFailure: false,
      ...step,
    })),
  };
}
