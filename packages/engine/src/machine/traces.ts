import type { RunEvent } from "../events.ts";
import type { StoredEvent } from "../ports/run-store.ts";

type JobEvent = Extract<RunEvent, { readonly job: string }>;

/** What the events tell of a job's last attempt. */
export interface Trace {
  readonly startedAt: number;
  /** Attempt of the step that was started last; 0: none was. */
  readonly stepAttempt: number;
  readonly last: { readonly time: number; readonly event: JobEvent };
}

/** @returns by the names of the jobs that have begun, in the order in which they did */
export function readTraces(events: readonly StoredEvent[]): ReadonlyMap<string, Trace> {
  const traces = new Map<string, Trace>();
  for (const { time, event } of events) {
    if (!("job" in event)) continue;
    const last = { time, event };
    const known = traces.get(event.job);
    if (event.type === "job.started") traces.set(event.job, { startedAt: time, stepAttempt: 0, last });
    else if (known !== undefined) {
      traces.set(event.job, {
        ...known,
        stepAttempt: event.type === "step.started" ? event.attempt : known.stepAttempt,
        last,
      });
    }
  }
  return traces;
}
