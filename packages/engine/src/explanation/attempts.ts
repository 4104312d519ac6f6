import type { RunEvent } from "../events.ts";
import type { StoredEvent } from "../ports/run-store.ts";
import type { AttemptExplanation, RetryExplanation, StepExplanation } from "./explanation.ts";

interface OpenAttempt extends AttemptExplanation {
  readonly steps: StepExplanation[];
  retry: RetryExplanation | null;
}

/** What a job's attempts came to, from the events of its run. Linear in the events. */
export function attemptsOf(job: string, events: readonly StoredEvent[]): readonly AttemptExplanation[] {
  const attempts: OpenAttempt[] = [];
  for (const { time, event } of events) {
    if (!("job" in event) || event.job !== job) continue;
    if (event.type === "job.started") {
      attempts.push({ attempt: event.attempt, started_at: iso(time), steps: [], retry: null });
      continue;
    }
    const current = attempts.at(-1);
    if (current !== undefined) applyEvent(current, time, event);
  }
  return attempts;
}

function applyEvent(attempt: OpenAttempt, time: number, event: RunEvent): void {
  const { steps } = attempt;
  const last = steps.at(-1);
  if (event.type === "step.started") {
    const open = { status: null, exit_code: null, signal: null, reason: null, duration_ms: null, retry: null };
    steps.push({ step: event.step, attempt: event.attempt, ...open });
  } else if (event.type === "step.finished" && last !== undefined) {
    const { status, exit_code, signal, reason, duration_ms } = event;
    steps[steps.length - 1] = { ...last, status, exit_code, signal, reason, duration_ms };
  } else if (event.type === "job.retry") {
    const { reason, message, delay_ms } = event;
    const retry = { reason, message, delay_ms, due_at: iso(time + delay_ms) };
    if (event.step === null) attempt.retry = retry;
    else if (last !== undefined) steps[steps.length - 1] = { ...last, retry };
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
