import { CircuitBreakers } from "@waybill/core";
import { ManualClock } from "@waybill/core/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isSettled } from "../statuses.ts";
import { BreakerHealth } from "../run/breaker-health.ts";
import { anyAnswer, anyPipeline } from "../testing/any-pipeline.ts";
import { definitionOf, MachineRun } from "../testing/index.ts";
import type { Command } from "./inputs.ts";

it("any pipeline, any outcomes in any order, ended at any moment: every job settles once, none too early or after the end, never too many at a time", () => {
  fc.assert(
    fc.property(
      anyPipeline,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat({ max: 1_000_000 })),
      fc.option(fc.nat({ max: 40 })),
      (jobs, concurrency, choices, endAfter) => {
        const definition = definitionOf(jobs);
        let endedAt = Infinity;
        const choose = (): number => choices.next().value as number;
        const clock = new ManualClock();
        const breakers = new CircuitBreakers(clock, { failureThreshold: 2 });
        const health = new BreakerHealth(breakers);
        const run = new MachineRun(definition, {
          concurrency,
          health,
          conditionHolds: () => choose() % 4 !== 0,
          isGuarded: ({ name }) => /[13579]$/.test(name),
        }).start();
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
          if (command?.type === "retry_later") {
            clock.advance(command.delayMs);
            run.now = clock.now();
          }
          const input = anyAnswer(command as Command, choose());
          // News may come twice: the second time it must change nothing.
          if (input !== null) run.send(...(choose() % 4 === 0 ? [input, input] : [input]));
          const running = [...run.state.jobs.values()].filter((job) => job.status === "running").length;
          expect(running).toBe(run.state.running);
          expect(running).toBeLessThanOrEqual(concurrency);
          // Nothing is left but jobs that are held.
          if (run.commands.length === 0) run.send({ type: "look_again" });
        }
        expect([...run.state.jobs.values()].every((job) => isSettled(job.status))).toBe(true);
        expect(run.events.at(-1)?.type).toBe("run.finished");
        const late = run.events.slice(endedAt).filter(({ type }) => type === "job.started" || type === "step.started");
        expect(late).toEqual([]);
        // No job has taken its leave to try a service with it.
        clock.advance(100_000);
        for (const { name } of breakers.stats()) expect(breakers.of(name).tryAdmit()).not.toBeNull();
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
