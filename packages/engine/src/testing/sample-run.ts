import { anyOf, DEFAULT_PLACE, plainRetry } from "@waybill/pipeline";
import type { NewRun } from "../ports/run-store.ts";

/**
 * A run for tests of stores: jobs `job-0`, `job-1` …, each with steps `step-0`, `step-1` …
 * Ids are `<id>/job-0` and `<id>/job-0/step-0`.
 */
export function sampleRun(id: string, jobCount = 2, stepsPerJob = 1): NewRun {
  const names = Array.from({ length: jobCount }, (_, index) => `job-${index}`);
  const stepNames = Array.from({ length: stepsPerJob }, (_, index) => `step-${index}`);
  return {
    id,
    pipelineName: "sample",
    file: "waybill.yaml",
    trigger: "manual",
    createdAt: 1_700_000_000_000,
    parameterNames: [],
    origin: null,
    definition: {
      name: "sample",
      jobs: new Map(
        names.map((name) => [
          name,
          {
            name,
            steps: stepNames.map((step) => ({
              name: step,
              script: ["true"],
              action: null,
              image: null,
              environment: {},
              timeout: 60,
              retry: plainRetry(0),
              workingDirectory: ".",
              continueOnFailure: false,
            })),
            dependsOn: [],
            artifacts: {},
            environment: { GREETING: { deferred: "hello ${job.name}" } },
            timeout: 60,
            place: DEFAULT_PLACE,
            retry: plainRetry(0),
            condition: null,
            deploysTo: null,
          },
        ]),
      ),
      globalEnv: { LANG: "C" },
      timeout: 60,
      retryPolicy: { maxAttempts: 1 },
      artifacts: {},
      triggers: [anyOf("push")],
      schedule: [],
      inputs: new Map(),
      concurrency: null,
      createdAt: "2024-01-01T00:00:00.000Z",
    },
    jobs: names.map((name) => ({
      id: `${id}/${name}`,
      name,
      steps: stepNames.map((step) => ({ id: `${id}/${name}/${step}`, name: step })),
    })),
  };
}
