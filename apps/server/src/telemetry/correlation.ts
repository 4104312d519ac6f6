import { AsyncLocalStorage } from "node:async_hooks";

/** What connects a request, the run it starts, and all that is logged and traced of both. */
export interface Correlation {
  /** The id of the request, or of what else began it. */
  readonly id: string;
  /** The span of the request, in the form of W3C Trace Context; null: it is not traced. */
  readonly traceparent: string | null;
}

const current = new AsyncLocalStorage<Correlation>();

/** Whatever `work` does, also later, belongs to the correlation. */
export function correlated<Result>(correlation: Correlation, work: () => Result): Result {
  return current.run(correlation, work);
}

/** What `work` does belongs to nobody's request, though one may have been the occasion for it. */
export function uncorrelated<Result>(work: () => Result): Result {
  return current.exit(work);
}

export function currentCorrelation(): Correlation | null {
  return current.getStore() ?? null;
}

/** Stored with a run as part of what began it, so that every server that drives it knows. */
export function correlationFields(correlation: Correlation | null): Readonly<Record<string, string>> {
  if (correlation === null) return {};
  const { id, traceparent } = correlation;
  return { correlation_id: id, ...(traceparent === null ? {} : { traceparent }) };
}

/** What `correlationFields` stored; of a run that has none, the run is its own. */
export function storedCorrelation(event: Readonly<Record<string, unknown>>, runId: string): Correlation {
  const { correlation_id: id, traceparent } = event;
  return {
    id: typeof id === "string" ? id : runId,
    traceparent: typeof traceparent === "string" && parseTraceparent(traceparent) !== null ? traceparent : null,
  };
}

/** The ids in a header of W3C Trace Context; null: it is none that can be used. */
export function parseTraceparent(
  header: unknown,
): { readonly traceId: string; readonly spanId: string; readonly isSampled: boolean } | null {
  if (typeof header !== "string") return null;
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header);
  const [, traceId = "", spanId = "", flags = ""] = match ?? [];
  if (match === null || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
