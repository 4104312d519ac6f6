import fc from "fast-check";
import { expect, it } from "vitest";
import { isSettled } from "../statuses.ts";
import { anyAnswer, anyPipeline } from "../testing/any-pipeline.ts";
import { definitionOf, MachineRun } from "../testing/index.ts";
import type { Command, Input } from "./inputs.ts";
import type { JobState, RunState } from "./run-state.ts";

/** All that decides how the run goes on. A job that waits for a slot again is found waiting for its time again. */
function comparable(state: RunState): unknown {
  const { status, startedAt, running, unsettled } = state;
  const ending = isSettled(status) ? null : state.ending;
  return { status, startedAt, running, unsettled, ending, jobs: [...state.jobs.values()].map(comparableJob) };
}

function comparableJob(job: JobState): unknown {
  const { name, status, attempt, startedAt, stopping, durationMs, artifacts, waitingFor } = job;
  const phase = job.status === "retry" ? "job_backoff" : job.phase;
  const isRunning = status === "running";
  const step = isRunning && phase !== "preparing" ? [job.step, job.stepAttempt, job.stepStartedAt] : null;
  return {
    ...{ name, status, attempt, startedAt, phase, durationMs, artifacts, step },
    reason: isRunning ? null : job.reason,
    waitingFor: status === "cancelled" ? null : waitingFor,
    executionId: isSettled(status) ? null : job.executionId,
    stopping: isRunning ? stopping : null,
    retries: isSettled(status) ? null : [job.firstFailureAt, job.outOfMemoryCount],
    failedService: phase.endsWith("_backoff") ? job.failedService : null,
  };
}

/** A time-out that runs out now and then. */
function deadlineOf(command: Command): Input | null {
  if (command.type !== "run_step") return null;
  const { job, execution, step, attempt } = command;
  return { type: "deadline", scope: "step", job, execution, step, attempt };
}

it("a process that dies behind any transition loses nothing: the state comes back as it was, no ended step is started again, and the run ends as it must", () => {
  fc.assert(
    fc.property(
      anyPipeline,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat({ max: 1_000_000 })),
      fc.option(fc.nat({ max: 40 })),
      (jobs, concurrency, choices, endAfter) => {
        const choose = (): number => choices.next().value as number;
        const definition = definitionOf(jobs);
        const conditions = new Map(Object.keys(jobs).map((name) => [name, choose() % 4 !== 0]));
        const run = new MachineRun(definition, {
          concurrency,
          // Decided once more by whoever takes up a job that was held: what it is about has settled.
          conditionHolds: ({ name }) => conditions.get(name) ?? true,
          isGuarded: ({ name }) => /[13579]$/.test(name),
        });
        if (choose() % 10 === 0) run.crash();
        else run.start();
        const ended = new Set<string>();
        let endedAt = Infinity;
        for (let turn = 0; run.commands.length > 0; turn++) {
          expect(turn).toBeLessThan(5000);
          run.now += choose() % 100;
          if (turn === endAfter) {
            run.send({ type: "end", cause: { reason: "user", message: "cancelled by the user" } });
            endedAt = run.events.length;
          }
          if (choose() % 5 === 0) {
            const before = comparable(run.state);
            run.crash();
            if (run.state.ready.length === 0) expect(comparable(run.state)).toEqual(before);
          }
          const [command] = run.commands.splice(choose() % run.commands.length, 1);
          if (command === undefined) break;
          if (command.type === "run_step") {
            const key = `${command.execution} ${command.step} ${command.attempt}`;
            expect(ended).not.toContain(key);
            const late = choose() % 9 === 0 ? deadlineOf(command) : null;
            // As the executor tells of a step that was stopped; the crash may come between the two.
            if (late !== null) run.send(late);
            if (late !== null && choose() % 2 === 0) {
              run.crash();
              continue;
            }
            ended.add(key);
          }
          const input = anyAnswer(command, choose());
          if (input !== null) run.send(input);
          expect([...run.state.jobs.values()].filter((job) => job.status === "running")).toHaveLength(
            run.state.running,
          );
          expect(run.state.running).toBeLessThanOrEqual(concurrency);
          // Nothing is left but jobs that are held.
          if (run.commands.length === 0) run.send({ type: "look_again" });
        }
        expect([...run.state.jobs.values()].every((job) => isSettled(job.status))).toBe(true);
        expect(run.events.at(-1)?.type).toBe("run.finished");
        const late = run.events.slice(endedAt).filter(({ type }) => type === "job.started" || type === "step.started");
        expect(late).toEqual([]);
        const finished = run.events.flatMap((event) => (event.type === "job.finished" ? [event.job] : []));
        expect(finished.toSorted()).toEqual(Object.keys(jobs).toSorted());
        const started = run.events.flatMap((event) =>
          event.type === "step.started" ? [`${event.job} ${event.step} ${event.attempt}`] : [],
        );
        expect(started.length).toBe(run.events.filter((event) => event.type === "step.finished").length);
      },
    ),
    { numRuns: 300 },
  );
});
