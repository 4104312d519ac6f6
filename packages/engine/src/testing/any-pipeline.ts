import fc from "fast-check";
import type { RetryCondition } from "@waybill/pipeline";
import type { Failure } from "../failures/failure.ts";
import type { Command, Input } from "../machine/inputs.ts";
import type { GateAnswer } from "../ports/job-gate.ts";
import type { JobSketch } from "./index.ts";

/** Plain counts mostly, and rules that try time-outs or something else again. */
const anyConditions: fc.Arbitrary<readonly RetryCondition[] | null> = fc.constantFrom(
  null,
  null,
  ["timeout" as const],
  [{ from: 1, to: 1 }, "timeout" as const],
  ["transient_dependencies" as const],
);

/** Random pipelines: job k may depend on any jobs before it. */
export const anyPipeline: fc.Arbitrary<Record<string, JobSketch>> = fc
  .array(
    fc.record({
      edges: fc.array(fc.nat(), { maxLength: 4 }),
      steps: fc.integer({ min: 1, max: 3 }),
      jobRetries: fc.integer({ min: 0, max: 2 }),
      stepRetries: fc.integer({ min: 0, max: 1 }),
      jobConditions: anyConditions,
      stepConditions: anyConditions,
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
          retry: { max: job.jobRetries, when: job.jobConditions },
          condition: job.conditional ? "env.GO == 'yes'" : null,
          artifacts: job.artifacts ? { out: { paths: ["out"], optional: false } } : {},
          steps: Array.from({ length: job.steps }, () => ({
            retry: { max: job.stepRetries, when: job.stepConditions },
            continueOnFailure: job.continueOnFailure,
          })),
        },
      ]),
    ),
  );

/** What the world answers to a command; `choice` decides among the ways it can turn out. */
export function anyAnswer(command: Command, choice: number): Input | null {
  if (command.type === "ask_gate") {
    return { type: "gate_answered", job: command.job, answer: ANSWERS[choice % ANSWERS.length] ?? GO };
  }
  const about = { job: command.job, execution: command.execution };
  switch (command.type) {
    case "prepare":
      return choice % 7 === 0 ? { type: "prepare_failed", ...about, message: "no" } : { type: "prepared", ...about };
    case "run_step": {
      const step = { type: "step_ended", ...about, step: command.step, attempt: command.attempt } as const;
      if (choice % 11 === 0) return { ...step, outcome: { kind: "error", reason: "execution_lost", message: "gone" } };
      if (choice % 3 !== 0) return { ...step, outcome: { kind: "exited", exitCode: 0, signal: null } };
      return { ...step, outcome: { kind: "exited", exitCode: 1, signal: null, ...anyFailure(choice) } };
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

const GO: GateAnswer = { verdict: "go", message: "approved" };
const ANSWERS: readonly GateAnswer[] = [
  GO,
  GO,
  GO,
  { verdict: "hold", message: "waiting for one", remedy: "approve it" },
  { verdict: "hold", message: "waiting for two", remedy: "approve it" },
  { verdict: "refuse", message: "rejected", remedy: "run it again" },
];

function anyFailure(choice: number): { readonly failure?: Failure } {
  if (choice % 2 === 0) return {};
  return choice % 4 === 1
    ? { failure: { category: "resource_exhaustion", service: null, cause: "out_of_memory" } }
    : { failure: { category: "transient_dependencies", service: "registry.example.com", cause: "connection_failed" } };
}
