import { createHash } from "node:crypto";
import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import type { ParsedWebhook, WebhookRequest } from "./source.ts";

/** The value of a header; null where it is missing, empty or too long to be one of ours. */
export function header(request: WebhookRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" && value !== "" && value.length <= 4096 ? value : null;
}

/** What a delivery is called: the first of these headers that looks like a name, else a hash of the body. */
export function deliveryIdFrom(request: WebhookRequest, names: readonly string[]): string {
  for (const name of names) {
    const value = header(request, name);
    if (value !== null && /^[\w.:@=+/-]{1,200}$/.test(value)) return value;
  }
  return `sha256:${createHash("sha256").update(request.rawBody).digest("hex")}`;
}

/**
 * The body as JSON; also where a form holds it in its field `payload`.
 *
 * @throws WaybillError `WEBHOOK_PAYLOAD_INVALID`
 */
export function jsonBody(request: WebhookRequest, source: string): unknown {
  const text = textOf(request.rawBody, source);
  const isForm = header(request, "content-type")?.startsWith("application/x-www-form-urlencoded") === true;
  const json = isForm ? new URLSearchParams(text).get("payload") : text;
  if (json === null) throw invalid(source, 'the form has no field "payload"');
  try {
    return JSON.parse(json);
  } catch {
    // The parser's message quotes the body, which may hold anything.
    throw invalid(source, "it is not JSON");
  }
}

function textOf(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid(source, "it is not UTF-8");
  }
}

/** @throws WaybillError `WEBHOOK_PAYLOAD_INVALID`, naming the first field that is wrong, never its value */
export function checked<Value>(schema: z.ZodMiniType<Value>, body: unknown, source: string): Value {
  const result = z.safeParse(schema, body);
  if (result.success) return result.data;
  const path = result.error.issues[0]?.path.join(".") ?? "";
  throw invalid(source, path === "" ? "it is no object" : `${path} is missing or not what it should be`);
}

export function invalid(source: string, problem: string): WaybillError {
  return new WaybillError("WEBHOOK_PAYLOAD_INVALID", { source, problem });
}

export function ignored(reason: string): ParsedWebhook {
  return { events: [], ignored: reason };
}
