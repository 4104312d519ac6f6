import type { Clock } from "@waybill/core";

/** What is left of a caller's requests. */
export interface RateLimit {
  readonly isAllowed: boolean;
  /** Requests a minute, and as many at once. */
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until `limit` requests are left again. */
  readonly resetSeconds: number;
  /** Seconds until one request is; 0: one is. */
  readonly retrySeconds: number;
}

interface Bucket {
  tokens: number;
  /** Monotonic. */
  at: number;
}

/** Callers remembered at once: those beyond that have asked least lately begin anew. */
const MAX_BUCKETS = 10_000;
const MINUTE_MS = 60_000;

/** A token bucket for each caller: so many requests at once, and so many a minute. Each server counts for itself. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #perMinute: number;
  /** The one used last is the last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** Takes one request of the caller's. */
  take(caller: string): RateLimit {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(caller) ?? { tokens: this.#perMinute, at: now };
    const perMs = this.#perMinute / MINUTE_MS;
    bucket.tokens = Math.min(this.#perMinute, bucket.tokens + Math.max(0, now - bucket.at) * perMs);
    bucket.at = now;
    const isAllowed = bucket.tokens >= 1;
    if (isAllowed) bucket.tokens -= 1;
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    if (this.#buckets.size > MAX_BUCKETS) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    const secondsUntil = (tokens: number): number => Math.ceil(Math.max(0, tokens - bucket.tokens) / perMs / 1_000);
    return {
      isAllowed,
      limit: this.#perMinute,
      remaining: Math.floor(bucket.tokens),
      resetSeconds: secondsUntil(this.#perMinute),
      retrySeconds: secondsUntil(1),
    };
  }
}
