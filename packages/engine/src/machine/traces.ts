import type { RunEvent } from "../events.ts";
import type { StoredEvent } from "../ports/run-store.ts";

type JobEvent = Extract<RunEvent, { readonly job: string }>;

/** What the events tell of a job's last attempt. */
export interface Trace {
  readonly startedAt: number;
  /** Attempt of the step that was started last; 0: none was. */
  readonly stepAttempt: number;
  /** Name of the step that was started last; null: none was. */
  readonly step: string | null;
  /** When the first failure happened that was followed by another attempt; null: none was. */
  readonly firstFailureAt: number | null;
  readonly outOfMemoryCount: number;
  readonly last: { readonly time: number; readonly event: JobEvent };
}

/** @returns by the names of the jobs that have begun, in the order in which they did */
export function readTraces(events: readonly StoredEvent[]): ReadonlyMap<string, Trace> {
  const traces = new Map<string, Trace>();
  for (const { time, event } of events) {
    if (!("job" in event)) continue;
    const last = { time, event };
    const known = traces.get(event.job);
    if (known === undefined && event.type !== "job.started") continue;
    traces.set(event.job, follow(known ?? nothing(time, last), time, last));
  }
  return traces;
}

function nothing(startedAt: number, last: Trace["last"]): Trace {
  return { startedAt, stepAttempt: 0, step: null, firstFailureAt: null, outOfMemoryCount: 0, last };
}

function follow(known: Trace, time: number, last: Trace["last"]): Trace {
  const { event } = last;
  switch (event.type) {
    case "job.started":
      return { ...known, startedAt: time, stepAttempt: 0, last };
    case "step.started":
      return { ...known, stepAttempt: event.attempt, step: event.step, last };
    case "step.finished":
      return { ...known, outOfMemoryCount: known.outOfMemoryCount + (event.cause === "out_of_memory" ? 1 : 0), last };
    case "job.retry":
      return { ...known, firstFailureAt: known.firstFailureAt ?? time, last };
    default:
      return { ...known, last };
  }
}
