import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import * as z from "zod/mini";

const attribute = z.strictObject({
  key: z.string(),
  value: z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ intValue: z.int() }),
    z.strictObject({ doubleValue: z.number() }),
    z.strictObject({ boolValue: z.boolean() }),
    z.strictObject({ arrayValue: z.unknown() }),
  ]),
});
function hex(digits: number): z.ZodMiniString {
  return z.string().check(z.regex(new RegExp(`^(?!0+$)[0-9a-f]{${digits}}$`)));
}
const nanoseconds = z.string().check(z.regex(/^\d{19}$/));

const span = z.strictObject({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: z.optional(hex(16)),
  traceState: z.optional(z.string()),
  name: z.string().check(z.minLength(1)),
  kind: z.int().check(z.minimum(1), z.maximum(5)),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes: z.array(attribute),
  droppedAttributesCount: z.int(),
  events: z.array(z.unknown()),
  droppedEventsCount: z.int(),
  status: z.strictObject({ code: z.int().check(z.minimum(0), z.maximum(2)), message: z.optional(z.string()) }),
  links: z.array(
    z.strictObject({
      traceId: hex(32),
      spanId: hex(16),
      attributes: z.array(attribute),
      droppedAttributesCount: z.int(),
      traceState: z.optional(z.string()),
      flags: z.optional(z.int()),
    }),
  ),
  droppedLinksCount: z.int(),
  flags: z.optional(z.int()),
});

const request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: z.array(attribute), droppedAttributesCount: z.int() }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.optional(z.string()) }),
          spans: z.array(span),
          schemaUrl: z.optional(z.string()),
        }),
      ),
      schemaUrl: z.optional(z.string()),
    }),
  ),
});

export type ReceivedSpan = z.infer<typeof span>;

export interface TraceReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** What it refused, in words. */
  readonly problems: readonly string[];
}

/** Takes OTLP over HTTP as JSON, to the letter of the protocol; gone when the running test ends. */
export async function traceReceiver(): Promise<TraceReceiver> {
  const spans: ReceivedSpan[] = [];
  const problems: string[] = [];
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method, url, headers } = incoming;
      const isRight = method === "POST" && url === "/v1/traces" && headers["content-type"] === "application/json";
      if (!isRight) problems.push(`${method} ${url} ${headers["content-type"]}`);
      const parsed = z.safeParse(request, JSON.parse(Buffer.concat(chunks).toString()));
      if (parsed.success) {
        spans.push(
          ...parsed.data.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
        );
      } else problems.push(JSON.stringify(parsed.error.issues));
      const status = isRight && parsed.success ? 200 : 400;
      answer.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, problems };
}
