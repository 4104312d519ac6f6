import { diag, DiagLogLevel } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { hostname } from "node:os";
import { FixedIds } from "./span-ids.ts";
import type { Tracing } from "./tracing.ts";

/** Of a request to the receiver. */
const EXPORT_TIMEOUT_MS = 5_000;
const BATCH_MS = 1_000;
/** At shutdown: traces must not keep a server from ending. */
const CLOSE_MS = 3_000;

export interface OtlpOptions {
  readonly url: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onFailure: (error: unknown) => void;
}

/** Headers and the rest of `OTEL_EXPORTER_OTLP_*` are read by the exporter itself. */
export function exportOverHttp({ url, environment, onFailure }: OtlpOptions): Tracing {
  diag.setLogger(
    { error: onFailure, warn: onFailure, info: ignored, debug: ignored, verbose: ignored },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const ids = new FixedIds();
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new TracerProvider({
    idGenerator: ids,
    resource: resourceFromAttributes({
      "service.name": environment["OTEL_SERVICE_NAME"] ?? "waybill",
      "service.instance.id": `${hostname()}:${process.pid}`,
    }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter, scheduledDelayMillis: BATCH_MS, exportTimeoutMillis: EXPORT_TIMEOUT_MS }),
    ],
  });
  return {
    tracer: provider.getTracer("waybill"),
    ids,
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
      const ended = provider.shutdown().catch(onFailure);
      await Promise.race([ended, patience]);
      clearTimeout(timer);
    },
  };
}

function ignored(): void {}
