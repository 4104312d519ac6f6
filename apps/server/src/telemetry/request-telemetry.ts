import { SpanKind, SpanStatusCode, trace, TraceFlags, context, type Context } from "@opentelemetry/api";
import { randomBytes } from "node:crypto";
import { parseTraceparent, type Correlation } from "./correlation.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { Tracing } from "./tracing.ts";

/** What is asked every few seconds would be most of all traces. */
const UNTRACED: ReadonlySet<string> = new Set(["/health", "/ready", "/metrics"]);

export interface ObservedRequest {
  readonly id: string;
  readonly method: string;
  /** As it is declared: `/v1/pipelines/{id}`. */
  readonly route: string;
  readonly traceparent: unknown;
}

export interface BegunRequest {
  /** Of whatever the request begins. */
  readonly correlation: Correlation;
  /** To be called once, when it is answered or its caller has gone. */
  end(status: number): void;
}

/** Of requests: how long they took, and a span around whatever they begin. */
export class RequestTelemetry {
  readonly #metrics: ServerMetrics;
  readonly #tracing: Tracing | null;

  constructor(metrics: ServerMetrics, tracing: Tracing | null) {
    this.#metrics = metrics;
    this.#tracing = tracing;
  }

  begin(request: ObservedRequest): BegunRequest {
    const start = performance.now();
    const span = this.#begin(request);
    const given = parseTraceparent(request.traceparent) === null ? null : String(request.traceparent);
    return {
      correlation: { id: request.id, traceparent: span?.traceparent ?? given },
      end: (status) => {
        this.#metrics.request(request.method, request.route, status, (performance.now() - start) / 1000);
        span?.end(status);
      },
    };
  }

  #begin({ id, method, route, traceparent }: ObservedRequest): RequestSpan | null {
    if (this.#tracing === null || UNTRACED.has(route)) return null;
    const { tracer, ids } = this.#tracing;
    const given = parseTraceparent(traceparent);
    const traceId = given?.traceId ?? randomBytes(16).toString("hex");
    ids.next = { traceId, spanId: randomBytes(8).toString("hex") };
    const attributes = { "http.request.method": method, "http.route": route, "waybill.correlation_id": id };
    const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parentOf(given));
    ids.next = null;
    const { spanId, traceFlags } = span.spanContext();
    return {
      traceparent: `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`,
      end(status) {
        span.setAttribute("http.response.status_code", status);
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }
}

interface RequestSpan {
  readonly traceparent: string;
  end(status: number): void;
}

function parentOf(given: ReturnType<typeof parseTraceparent>): Context {
  if (given === null) return context.active();
  const { traceId, spanId, isSampled } = given;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(context.active(), { traceId, spanId, traceFlags, isRemote: true });
}
