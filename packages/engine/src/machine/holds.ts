import type { StoredEvent } from "../ports/run-store.ts";
import type { Input } from "./inputs.ts";
import type { JobState, RunState } from "./run-state.ts";
import { settleJob } from "./settle-job.ts";
import type { Transition } from "./transition.ts";

/** A job that is due has to be asked for before it begins. It waits without a slot. */
export function askGate(transition: Transition, job: JobState): void {
  if (job.isAsking) return;
  job.isAsking = true;
  transition.commands.push({ type: "ask_gate", job: job.name });
}

/** What the job waits for may have changed. */
export function askAgain(transition: Transition): void {
  if (transition.state.ending !== null) return;
  for (const job of transition.state.jobs.values()) if (isHeld(job)) askGate(transition, job);
}

export function gateAnswered(transition: Transition, input: Extract<Input, { readonly type: "gate_answered" }>): void {
  const { state } = transition;
  const job = state.jobs.get(input.job);
  // It may have been called off meanwhile.
  if (job?.isAsking !== true || job.phase !== "waiting") return;
  job.isAsking = false;
  const { answer } = input;
  switch (answer.verdict) {
    case "go":
      if (isHeld(job)) {
        setHold(transition, job, null, "");
        transition.emit({ type: "job.released", job: job.name, message: answer.message });
      }
      job.isAdmitted = true;
      state.ready.push(job.name);
      return;
    case "hold":
      if (isHeld(job) && job.message === answer.message) return;
      setHold(transition, job, "held", answer.message);
      transition.emit({ type: "job.held", job: job.name, message: answer.message, remedy: answer.remedy });
      return;
    case "refuse":
      return settleJob(transition, job, "cancelled", "refused", answer.message, { remedy: answer.remedy });
  }
}

/** Whether the run waits for nothing but what holds its jobs: such time is none of its own. */
export function isOnlyHeld(state: RunState): boolean {
  if (state.status !== "running" || state.running > 0 || state.ready.length > 0) return false;
  let held = false;
  for (const job of state.jobs.values()) {
    if (job.phase === "job_backoff" || (job.isAsking && !isHeld(job))) return false;
    held ||= isHeld(job);
  }
  return held;
}

export function isHeld(job: JobState): boolean {
  return job.phase === "waiting" && job.reason === "held";
}

/** Milliseconds in which a run waited for nothing but what held its jobs, until its last event. */
export function heldMs(events: readonly StoredEvent[]): number {
  const active = new Set<string>();
  const held = new Set<string>();
  let since: number | null = null;
  let total = 0;
  for (const { time, event } of events) {
    if (event.type === "job.held") held.add(event.job);
    else if (event.type === "job.started") active.add(event.job);
    else if (event.type === "job.finished") active.delete(event.job);
    // Whatever else is told of a job that was held, it is held no more.
    if ("job" in event && event.type !== "job.held") held.delete(event.job);
    // What was there up to now counts, whatever begins here.
    if (since !== null) total += Math.max(0, time - since);
    since = held.size > 0 && active.size === 0 ? time : null;
  }
  return total;
}

/** A job that is `pending` and has a reason is held: whoever takes the run up need not tell of it again. */
function setHold(transition: Transition, job: JobState, reason: "held" | null, message: string): void {
  job.reason = reason;
  job.message = message;
  transition.changeJob(job, { reason, message });
}
