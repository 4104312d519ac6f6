import { WaybillError } from "@waybill/core";
import { classifyEngineFailure } from "../failures/classify-failure.ts";
import { askGate } from "./holds.ts";
import { beginAttempt } from "./job-attempt.ts";
import { settleJob } from "./settle-job.ts";
import type { JobState } from "./run-state.ts";
import type { Transition } from "./transition.ts";

/**
 * What follows from the jobs that settled: their dependents become ready or cannot run any more, and free slots are
 * given to ready jobs. A work list, not recursion: a failure at the head of a chain of 10,000 jobs settles them all.
 */
export function schedule(transition: Transition): void {
  const { settled } = transition;
  do {
    for (let job = settled.pop(); job !== undefined; job = settled.pop()) tellDependents(transition, job);
    startReadyJobs(transition);
  } while (settled.length > 0);
}

function tellDependents(transition: Transition, job: JobState): void {
  const { state } = transition;
  for (const name of job.dependents) {
    const dependent = state.jobs.get(name) as JobState;
    if (dependent.phase !== "waiting") continue;
    if (job.status === "success") {
      dependent.waitingFor -= 1;
      if (dependent.waitingFor === 0) state.ready.push(name);
    } else {
      // A job left out by its condition leaves those behind it out too, and the run may still be a success.
      const reason = job.reason === "condition_false" ? "condition_false" : "dependency_failed";
      settleJob(transition, dependent, "cancelled", reason, `depends on "${job.name}", which ${howItEnded(job)}`);
    }
  }
}

/** Jobs whose condition is false take no slot: they settle at once. */
function startReadyJobs(transition: Transition): void {
  const { state } = transition;
  while (state.ending === null && state.running < state.concurrency) {
    const name = state.ready.shift();
    if (name === undefined) return;
    const job = state.jobs.get(name) as JobState;
    // It may have been called off while it waited for a slot.
    if (job.phase === "waiting") startJob(transition, job);
  }
}

function startJob(transition: Transition, job: JobState): void {
  const { condition } = job.definition;
  if (job.attempt === 0 && condition !== null) {
    let holds: boolean;
    try {
      holds = transition.services.conditionHolds(job);
    } catch (error) {
      beginAttempt(transition, job);
      const why = error instanceof WaybillError ? error.message : String(error);
      const message = `the condition \`${condition}\` cannot be decided: ${why}`;
      const failure = classifyEngineFailure("condition_error", message);
      return settleJob(transition, job, "failed", "condition_error", message, failure);
    }
    if (!holds) {
      return settleJob(transition, job, "cancelled", "condition_false", `the condition \`${condition}\` is false`);
    }
  }
  if (job.attempt === 0 && !job.isAdmitted && transition.services.isGuarded?.(job) === true) {
    return askGate(transition, job);
  }
  beginAttempt(transition, job);
  transition.commands.push({
    type: "prepare",
    job: job.name,
    execution: job.executionId as string,
    attempt: job.attempt,
  });
}

function howItEnded(job: JobState): string {
  if (job.status === "failed") return "failed";
  return job.reason === "condition_false" ? "was skipped" : "was cancelled";
}
