import { createHash, randomBytes } from "node:crypto";

/** Gives spans the ids that are asked for, and others where none are. Starting a span is synchronous. */
export class FixedIds {
  next: { readonly traceId: string; readonly spanId: string } | null = null;

  generateTraceId(): string {
    return this.next?.traceId ?? randomBytes(16).toString("hex");
  }

  generateSpanId(): string {
    return this.next?.spanId ?? randomBytes(8).toString("hex");
  }
}

/** A run's id is 128 bits, as a trace's is: whoever has one has the other. */
export function traceIdOf(runId: string): string {
  const hex = runId.replaceAll("-", "").toLowerCase();
  return /^[0-9a-f]{32}$/.test(hex) ? hex : digest(runId).slice(0, 32);
}

/** @param key of the span among those of its run */
export function spanIdOf(runId: string, key: string): string {
  return digest(`${runId} ${key}`).slice(0, 16);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
