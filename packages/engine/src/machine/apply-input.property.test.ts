import fc from "fast-check";
import { expect, it } from "vitest";
import { isSettled } from "../statuses.ts";
import { definitionOf, MachineRun, type JobSketch } from "../testing/index.ts";
import type { Command, Input } from "./inputs.ts";

/** Random pipelines: job k may depend on any jobs before it. */
const pipelines = fc
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
          artifacts: job.artifacts ? { out: ["out"] } : {},
          steps: Array.from({ length: job.steps }, () => ({
            retryCount: job.stepRetries,
            continueOnFailure: job.continueOnFailure,
          })),
        },
      ]),
    ),
  );

/** What the world answers to a command; `choice` decides among the ways it can turn out. */
function answer(command: Command, choice: number): Input | null {
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

it("any pipeline, any outcomes in any order, ended at any moment: every job settles once, none too early or after the end, never too many at a time", () => {
  fc.assert(
    fc.property(
      pipelines,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat({ max: 1_000_000 })),
      fc.option(fc.nat({ max: 40 })),
      (jobs, concurrency, choices, endAfter) => {
        const definition = definitionOf(jobs);
        let endedAt = Infinity;
        const choose = (): number => choices.next().value as number;
        const run = new MachineRun(definition, { concurrency, conditionHolds: () => choose() % 4 !== 0 }).start();
        for (let turn = 0; run.commands.length > 0; turn++) {
          expect(turn).toBeLessThan(5000);
          if (turn === endAfter) {
            run.send({ type: "end", cause: { reason: "user", message: "enough" } });
            endedAt = run.events.length;
          }
          const [command] = run.commands.splice(choose() % run.commands.length, 1);
          if (command?.type === "run_step" && choose() % 5 === 0) {
            // Its time is up, and it takes until some later turn to end.
            const { job, execution, step, attempt } = command;
            run.send({ type: "deadline", scope: "step", job, execution, step, attempt });
            run.commands.push(command);
            continue;
          }
          const input = answer(command as Command, choose());
          // News may come twice: the second time it must change nothing.
          if (input !== null) run.send(...(choose() % 4 === 0 ? [input, input] : [input]));
          const running = [...run.state.jobs.values()].filter((job) => job.status === "running").length;
          expect(running).toBe(run.state.running);
          expect(running).toBeLessThanOrEqual(concurrency);
        }
        expect([...run.state.jobs.values()].every((job) => isSettled(job.status))).toBe(true);
        expect(run.events.at(-1)?.type).toBe("run.finished");
        const late = run.events.slice(endedAt).filter(({ type }) => type === "job.started" || type === "step.started");
        expect(late).toEqual([]);
        const succeeded = new Set<string>();
        const finished: string[] = [];
        for (const event of run.events) {
          if (event.type === "job.started") {
            for (const dependency of definition.jobs.get(event.job)?.dependsOn ?? [])
              expect(succeeded).toContain(dependency);
          } else if (event.type === "job.finished") {
            finished.push(event.job);
            if (event.status === "success") succeeded.add(event.job);
          }
        }
        expect(finished.toSorted()).toEqual(Object.keys(jobs).toSorted());
      },
    ),
    { numRuns: 300 },
  );
});
