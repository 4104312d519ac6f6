import fc from "fast-check";
import { expect, it } from "vitest";
import { isSettled } from "../statuses.ts";
import { anyAnswer, anyPipeline } from "../testing/any-pipeline.ts";
import { definitionOf, MachineRun } from "../testing/index.ts";
import type { Command } from "./inputs.ts";

it("any run, abandoned after any number of turns and a crash: all of it settles at once, and nothing starts", () => {
  fc.assert(
    fc.property(
      anyPipeline,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat({ max: 1_000_000 })),
      fc.nat({ max: 60 }),
      (jobs, concurrency, choices, turns) => {
        const choose = (): number => choices.next().value as number;
        const run = new MachineRun(definitionOf(jobs), { concurrency }).start();
        for (let turn = 0; turn < turns && run.commands.length > 0; turn++) {
          const [command] = run.commands.splice(choose() % run.commands.length, 1);
          const input = anyAnswer(command as Command, choose());
          if (input !== null) run.send(input);
        }
        if (isSettled(run.state.status)) return;
        run.crash();
        const before = run.events.length;
        run.send({ type: "abandon", cause: { reason: "user", message: "cancelled by the user" } });
        expect([...run.state.jobs.values()].every((job) => isSettled(job.status))).toBe(true);
        expect(run.state.running).toBe(0);
        expect(run.result()).toMatchObject({ status: "cancelled" });
        const told = run.events.slice(before).map(({ type }) => type);
        expect(new Set(told)).toEqual(new Set(["job.finished", "run.finished"]));
      },
    ),
    { numRuns: 300 },
  );
});
