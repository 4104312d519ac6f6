import type { PipelineDefinition } from "@waybill/pipeline";
import type { RunEvent } from "../events.ts";
import type { JobRecord, RunRecord, StoredEvent } from "../ports/run-store.ts";
import type { JobStatus, Reason, StepStatus } from "../statuses.ts";
import { criticalPath, type CriticalPath } from "./critical-path.ts";

/** What a job did, or waited for, between two moments. Times are milliseconds since the epoch. */
export interface Span {
  /**
   * - `queued`: nothing held it up but the queue: all that it waits for was done;
   * - `preparing`: its workspace, artifacts and environment were made;
   * - `step`;
   * - `finishing`: its outputs were read and its artifacts stored;
   * - `waiting`: for the next attempt.
   */
  readonly kind: "queued" | "preparing" | "step" | "finishing" | "waiting";
  /** Of the step it is about; null: it is about the whole job. */
  readonly step: string | null;
  /** Of the job, from 1; 0: before the first. */
  readonly attempt: number;
  readonly startedAt: number;
  /** Null: it goes on. */
  readonly finishedAt: number | null;
  /** Of a step that has ended. */
  readonly status: StepStatus | null;
}

export interface TimelineAttempt {
  /** From 1. */
  readonly attempt: number;
  readonly executor: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** Why there was another one after it; null: there was none. */
  readonly retry: { readonly reason: Reason; readonly message: string } | null;
}

export interface JobTimeline {
  readonly id: string;
  readonly name: string;
  readonly status: JobStatus;
  readonly reason: Reason | null;
  /** From when on nothing but the queue held it up; null: something still does, or it never came to that. */
  readonly readyAt: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly isCritical: boolean;
  readonly attempts: readonly TimelineAttempt[];
  /** One after the other, without overlap. */
  readonly spans: readonly Span[];
}

export interface RunTimeline {
  /** In the order of the definition. */
  readonly jobs: readonly JobTimeline[];
  readonly critical: CriticalPath;
}

export interface TimelineSources {
  readonly run: RunRecord;
  readonly definition: PipelineDefinition;
  readonly jobs: readonly JobRecord[];
  /** In order; those of jobs that are left out leave their spans empty. */
  readonly events: readonly StoredEvent[];
}

/** Where the time of a run went. Linear in jobs, edges and events. */
export function timelineOf({ run, definition, jobs, events }: TimelineSources): RunTimeline {
  const eventsOf = new Map<string, StoredEvent[]>();
  for (const stored of events) {
    if (!("job" in stored.event)) continue;
    const known = eventsOf.get(stored.event.job);
    if (known === undefined) eventsOf.set(stored.event.job, [stored]);
    else known.push(stored);
  }
  const records = new Map(jobs.map((job) => [job.name, job]));
  const dependenciesOf = (name: string): readonly JobRecord[] =>
    (definition.jobs.get(name)?.dependsOn ?? []).flatMap((each) => records.get(each) ?? []);
  const critical = criticalPath(jobs, dependenciesOf);
  const isCritical = new Set(critical.jobs.map(({ name }) => name));
  return {
    critical,
    jobs: jobs.map((job) => {
      const { attempts, spans } = spansOf(eventsOf.get(job.name) ?? []);
      const readyAt = readyOf(run, job, dependenciesOf(job.name), attempts.length > 0);
      const first = attempts[0]?.startedAt ?? job.finishedAt;
      const queued: Span[] =
        readyAt === null ? [] : [{ ...WHOLE, kind: "queued", attempt: 0, startedAt: readyAt, finishedAt: first }];
      const { id, name, status, reason, startedAt, finishedAt } = job;
      const common = { id, name, status, reason, readyAt, startedAt, finishedAt };
      return { ...common, isCritical: isCritical.has(name), attempts, spans: [...queued, ...spans] };
    }),
  };
}

const WHOLE = { step: null, status: null };

/** Null also where a job was called off or had no need to run: nothing was queued. */
function readyOf(
  { startedAt, createdAt }: RunRecord,
  { status }: JobRecord,
  dependencies: readonly JobRecord[],
  hasBegun: boolean,
): number | null {
  if (!hasBegun && (status !== "pending" || startedAt === null)) return null;
  let ready = startedAt ?? createdAt;
  for (const { status: outcome, finishedAt } of dependencies) {
    if (finishedAt === null || (!hasBegun && outcome !== "success")) return null;
    ready = Math.max(ready, finishedAt);
  }
  return ready;
}

type OpenSpan = { -readonly [Key in keyof Span]: Span[Key] };
type OpenAttempt = { -readonly [Key in keyof TimelineAttempt]: TimelineAttempt[Key] };

function spansOf(events: readonly StoredEvent[]): {
  readonly attempts: readonly TimelineAttempt[];
  readonly spans: readonly Span[];
} {
  const attempts: OpenAttempt[] = [];
  const spans: OpenSpan[] = [];
  let open: OpenSpan | null = null;
  /** Ends what goes on, and begins what comes; a span of no length is none. */
  const next = (time: number, span: Omit<Span, "attempt" | "startedAt" | "finishedAt"> | null): void => {
    if (open !== null) {
      open.finishedAt = time;
      if (open.startedAt === time && open.kind !== "step") spans.pop();
    }
    const attempt = attempts.at(-1)?.attempt ?? 0;
    open = span === null ? null : { ...span, attempt, startedAt: time, finishedAt: null };
    if (open !== null) spans.push(open);
  };
  for (const { time, event } of events) applyEvent(attempts, spans, next, time, event);
  return { attempts, spans };
}

function applyEvent(
  attempts: OpenAttempt[],
  spans: readonly OpenSpan[],
  next: (time: number, span: Omit<Span, "attempt" | "startedAt" | "finishedAt"> | null) => void,
  time: number,
  event: RunEvent,
): void {
  const current = attempts.at(-1);
  switch (event.type) {
    case "job.started": {
      const { attempt, executor } = event;
      attempts.push({ attempt, executor, startedAt: time, finishedAt: null, retry: null });
      next(time, { ...WHOLE, kind: "preparing" });
      return;
    }
    case "step.started":
      next(time, { kind: "step", step: event.step, status: null });
      return;
    case "step.finished": {
      const step = spans.at(-1);
      if (step?.kind === "step") step.status = event.status;
      // What comes behind it ends this again, at once where it is the next step.
      next(time, { ...WHOLE, kind: "finishing" });
      return;
    }
    case "job.retry":
      if (event.step === null && current !== undefined && event.held !== true) {
        Object.assign(current, { finishedAt: time, retry: { reason: event.reason, message: event.message } });
      }
      next(time, { kind: "waiting", step: event.step, status: null });
      return;
    case "job.finished":
      if (current !== undefined) current.finishedAt ??= time;
      next(time, null);
      return;
    default:
      return;
  }
}
