import fc from "fast-check";
import type { Command, Input } from "../machine/inputs.ts";
import type { JobSketch } from "./index.ts";

/** Random pipelines: job k may depend on any jobs before it. */
export const anyPipeline: fc.Arbitrary<Record<string, JobSketch>> = fc
  .array(
    fc.record({
      edges: fc.array(fc.nat(), { maxLength: 4 }),
      steps: fc.integer({ min: 1, max: 3 }),
      jobRetries: fc.integer({ min: 0, max: 2 }),
      stepRetries: fc.integer({ min: 0, max: 1 }),
      continueOnFailure: fc.boolean(),
      conditional: fc.boolean(),
      artifacts: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((jobs) =>
    Object.fromEntries(
      jobs.map((job, index): [string, JobSketch] => [
        `j${index}`,
        {
          dependsOn: index === 0 ? [] : [...new Set(job.edges.map((edge) => `j${edge % index}`))],
          retryCount: job.jobRetries,
          condition: job.conditional ? "env.GO == 'yes'" : null,
          artifacts: job.artifacts ? { out: { paths: ["out"], optional: false } } : {},
          steps: Array.from({ length: job.steps }, () => ({
            retryCount: job.stepRetries,
            continueOnFailure: job.continueOnFailure,
          })),
        },
      ]),
    ),
  );

/** What the world answers to a command; `choice` decides among the ways it can turn out. */
export function anyAnswer(command: Command, choice: number): Input | null {
  const about = { job: command.job, execution: command.execution };
  switch (command.type) {
    case "prepare":
      return choice % 7 === 0 ? { type: "prepare_failed", ...about, message: "no" } : { type: "prepared", ...about };
    case "run_step": {
      const step = { type: "step_ended", ...about, step: command.step, attempt: command.attempt } as const;
      if (choice % 11 === 0) return { ...step, outcome: { kind: "error", reason: "execution_lost", message: "gone" } };
      return { ...step, outcome: { kind: "exited", exitCode: choice % 3 === 0 ? 1 : 0, signal: null } };
    }
    case "save_artifacts":
      return choice % 5 === 0
        ? { type: "artifacts_failed", ...about, message: "missing" }
        : { type: "artifacts_saved", ...about, artifacts: [] };
    case "retry_later":
      return { type: "retry_due", ...about };
    default:
      return null;
  }
}
