import type { Random } from "@waybill/core";
import type { Backoff } from "@waybill/pipeline";

/**
 * Exponential back-off: `delay * factor^(failed attempts - 1)`, spread by `jitter` so that jobs that failed together do
 * not come back together, and never longer than `maxDelay`. By default 1 s, 2 s, 4 s … up to 120 s, each ±25 %.
 *
 * @param failedAttempts attempts that have failed so far, from 1
 * @returns whole milliseconds to wait before the next attempt
 */
export function retryDelayMs(backoff: Backoff, failedAttempts: number, random: Random): number {
  const { delay, factor, maxDelay, jitter } = backoff;
  const base = Math.min(delay * factor ** (failedAttempts - 1), maxDelay);
  const spread = 1 + jitter * (2 * random.next() - 1);
  return Math.round(Math.min(base * spread, maxDelay) * 1000);
}
