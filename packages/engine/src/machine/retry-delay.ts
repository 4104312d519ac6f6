import type { Random } from "@waybill/core";

const BASE_DELAY_MS = 1_000;
const MAX_DELAY_MS = 120_000;
/** Jitter spreads jobs that failed together, so that they do not all come back together. */
const JITTER = 0.25;

/**
 * Exponential back-off: 1 s, 2 s, 4 s … up to 120 s, each ±25 %, never above 120 s.
 * @param failedAttempts attempts that have failed so far, from 1
 * @returns milliseconds to wait before the next attempt
 */
export function retryDelayMs(failedAttempts: number, random: Random): number {
  const base = Math.min(BASE_DELAY_MS * 2 ** Math.min(failedAttempts - 1, 30), MAX_DELAY_MS);
  const jitter = 1 + JITTER * (2 * random.next() - 1);
  return Math.round(Math.min(base * jitter, MAX_DELAY_MS));
}
