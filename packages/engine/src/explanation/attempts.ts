import type { FailureFields, RunEvent } from "../events.ts";
import type { StoredEvent } from "../ports/run-store.ts";
import type { AttemptExplanation, FailureKind, RetryExplanation, StepExplanation } from "./explanation.ts";

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

interface OpenAttempt extends Writable<AttemptExplanation> {
  readonly steps: Writable<StepExplanation>[];
}

const NO_FAILURE = { category: null, cause: null, service: null } as const;

/** What a job's attempts came to, from the events of its run. Linear in the events. */
export function attemptsOf(job: string, events: readonly StoredEvent[]): readonly AttemptExplanation[] {
  const attempts: OpenAttempt[] = [];
  for (const { time, event } of events) {
    if (!("job" in event) || event.job !== job) continue;
    if (event.type === "job.started") {
      const open = { finished_at: null, exit_code: null, ...NO_FAILURE, retry: null, retry_rule: null };
      const place = { executor: event.executor, executor_reason: event.executor_reason ?? "" };
      attempts.push({ attempt: event.attempt, ...place, started_at: iso(time), ...open, steps: [] });
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
  switch (event.type) {
    case "step.started": {
      const open = { status: null, exit_code: null, signal: null, reason: null, duration_ms: null, retry: null };
      const about = { step: event.step, attempt: event.attempt, started_at: iso(time), finished_at: null };
      steps.push({ ...about, ...open, ...NO_FAILURE, retry_rule: null });
      return;
    }
    case "step.finished": {
      const { status, exit_code, signal, reason, duration_ms } = event;
      const end = { status, exit_code, signal, reason, duration_ms, finished_at: iso(time) };
      if (last !== undefined) Object.assign(last, end, failureOf(event), { retry_rule: event.retry_rule ?? null });
      return;
    }
    case "job.retry":
      if (event.step !== null) {
        if (last !== undefined) last.retry = retryOf(last.retry, time, event);
      } else {
        if (event.held !== true) endAttempt(attempt, time, event);
        attempt.retry = retryOf(attempt.retry, time, event);
      }
      return;
    case "job.finished":
      // One that is called off during its back-off has ended before.
      if (attempt.finished_at === null) endAttempt(attempt, time, event);
      return;
    default:
      return;
  }
}

function endAttempt(attempt: OpenAttempt, time: number, event: FailureFields): void {
  const failed = attempt.steps.at(-1);
  const exit_code = failed?.status === "failed" ? failed.exit_code : null;
  Object.assign(attempt, failureOf(event), { finished_at: iso(time), exit_code, retry_rule: event.retry_rule ?? null });
}

function failureOf({ category, cause, service }: FailureFields): FailureKind {
  return { category: category ?? null, cause: cause ?? null, service: service ?? null };
}

/** @param earlier where the attempt is put off once more, what was said of it before */
function retryOf(
  earlier: RetryExplanation | null,
  time: number,
  event: Extract<RunEvent, { readonly type: "job.retry" }>,
): RetryExplanation {
  const due = time + event.delay_ms;
  if (event.held !== true || earlier === null) {
    return { reason: event.reason, message: event.message, delay_ms: event.delay_ms, due_at: iso(due) };
  }
  const failedAt = Date.parse(earlier.due_at) - earlier.delay_ms;
  const message = earlier.message.endsWith(event.message) ? earlier.message : `${earlier.message}; ${event.message}`;
  return { ...earlier, message, delay_ms: due - failedAt, due_at: iso(due) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
