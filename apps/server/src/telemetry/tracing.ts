import type { Tracer } from "@opentelemetry/api";
import type { FixedIds } from "./span-ids.ts";

/** Where spans go. */
export interface Tracing {
  readonly tracer: Tracer;
  readonly ids: FixedIds;
  /** Sends what has not been sent, for a few seconds at most. */
  close(): Promise<void>;
}

/**
 * Traces go where `OTEL_EXPORTER_OTLP_ENDPOINT` says, by OTLP over HTTP as JSON; null: it is not set. The exporter is loaded
 * only then.
 */
export async function openTracing(
  environment: Readonly<Record<string, string | undefined>>,
  onFailure: (error: unknown) => void,
): Promise<Tracing | null> {
  const base = environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  if (base === "") return null;
  const { exportOverHttp } = await import("./otlp.ts");
  return exportOverHttp({ url: `${base.replace(/\/+$/, "")}/v1/traces`, environment, onFailure });
}
