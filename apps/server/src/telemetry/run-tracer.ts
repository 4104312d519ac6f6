import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Link,
  type SpanContext,
} from "@opentelemetry/api";
import { stageType, type RunEvent } from "@waybill/engine";
import { parseTraceparent } from "./correlation.ts";
import type { ObservedRun } from "./run-observer.ts";
import type { RunTimes } from "./run-times.ts";
import { spanIdOf, traceIdOf, type FixedIds } from "./span-ids.ts";
import type { Tracing } from "./tracing.ts";

interface Ended {
  readonly key: string;
  readonly name: string;
  /** Of the span around it; null: it is the run's own. */
  readonly parent: string | null;
  readonly startTime: number;
  readonly endTime: number;
  readonly isFailure: boolean;
  readonly message: string;
  readonly attributes: Attributes;
  readonly links?: readonly Link[];
}

/**
 * Spans of runs: the run, in it its jobs, in them their steps. A span is sent when what it tells of has ended, by
 * whichever server drives the run then. Ids are made of those of the run, so spans of several servers fit together, and
 * one that is sent twice, as its server died before it knew, is the same one.
 */
export class RunTracer {
  readonly #tracing: Tracing;

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** @param times without this event */
  tell(
    observed: ObservedRun,
    jobIds: ReadonlyMap<string, string>,
    times: RunTimes,
    time: number,
    event: RunEvent,
  ): void {
    const { run, correlation } = observed;
    const about = { "waybill.run.id": run.id, "waybill.correlation_id": correlation.id };
    switch (event.type) {
      case "step.finished": {
        const { job, step, attempt, status, exit_code: exitCode } = event;
        return this.#send(run.id, {
          key: `step ${job} ${attempt} ${step} ${time}`,
          name: step,
          parent: `job ${job}`,
          startTime: times.stepStartedAt(job, step) ?? time - event.duration_ms,
          endTime: time,
          isFailure: status === "failed",
          message: event.reason ?? "",
          attributes: {
            ...about,
            "waybill.job.name": job,
            "waybill.step.name": step,
            "waybill.step.attempt": attempt,
            "waybill.status": status,
            ...(exitCode === null ? {} : { "process.exit.code": exitCode }),
          },
        });
      }
      case "job.finished": {
        const { job, status, reason, attempts } = event;
        const begunAt = times.jobBegunAt(job);
        // What never ran took no time.
        if (begunAt === null) return;
        const stage = stageType(job);
        return this.#send(run.id, {
          key: `job ${job}`,
          name: job,
          parent: "run",
          startTime: begunAt,
          endTime: time,
          isFailure: status === "failed",
          message: reason ?? "",
          attributes: {
            ...about,
            "waybill.job.id": jobIds.get(job) ?? "",
            "waybill.job.name": job,
            "waybill.job.attempts": attempts,
            "waybill.executor": times.executorOf(job),
            "waybill.status": status,
            ...(stage === null ? {} : { "waybill.stage_type": stage }),
          },
        });
      }
      case "run.finished": {
        const { status, reason } = event;
        return this.#send(run.id, {
          key: "run",
          name: `run ${run.pipelineName}`,
          parent: null,
          startTime: times.startedAt ?? run.createdAt,
          endTime: time,
          isFailure: status === "failed",
          message: reason ?? "",
          attributes: {
            ...about,
            "waybill.run.number": run.number,
            "waybill.pipeline.id": run.pipelineId ?? "",
            "waybill.pipeline.name": run.pipelineName,
            "waybill.trigger": run.trigger,
            "waybill.git.ref": run.gitRef ?? "",
            "waybill.git.sha": run.gitSha ?? "",
            "waybill.status": status,
          },
          links: linksTo(correlation.traceparent),
        });
      }
      case "run.started":
      case "run.resumed":
      case "job.started":
      case "job.held":
      case "job.released":
      case "job.retry":
      case "step.started":
        return;
    }
  }

  #send(runId: string, span: Ended): void {
    const { tracer, ids } = this.#tracing;
    const traceId = traceIdOf(runId);
    const parent = span.parent === null ? null : spanContext(traceId, spanIdOf(runId, span.parent));
    const around = parent === null ? context.active() : trace.setSpanContext(context.active(), parent);
    const started = withIds(ids, traceId, spanIdOf(runId, span.key), () =>
      tracer.startSpan(
        span.name,
        {
          kind: SpanKind.INTERNAL,
          root: parent === null,
          startTime: span.startTime,
          attributes: span.attributes,
          links: [...(span.links ?? [])],
        },
        around,
      ),
    );
    if (span.isFailure) started.setStatus({ code: SpanStatusCode.ERROR, message: span.message });
    started.end(Math.max(span.startTime, span.endTime));
  }
}

function withIds<Result>(ids: FixedIds, traceId: string, spanId: string, work: () => Result): Result {
  ids.next = { traceId, spanId };
  try {
    return work();
  } finally {
    ids.next = null;
  }
}

function spanContext(traceId: string, spanId: string): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

function linksTo(traceparent: string | null): readonly Link[] {
  const request = parseTraceparent(traceparent);
  return request === null ? [] : [{ context: spanContext(request.traceId, request.spanId) }];
}
