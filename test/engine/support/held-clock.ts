import { systemClock, type Clock, type Timer } from "@waybill/core";

/** Shorter delays than this are how a program looks around; from here on they are limits. */
const LIMIT_MS = 4_000;

/**
 * The system's clock for an executor, whose limits (the grace of a stopped step) wait to be told that their time has
 * come, while its short timers, with which it looks at files, run as ever.
 */
export class HeldClock implements Clock {
  readonly #limits = new Map<() => void, number>();

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    if (delayMs < LIMIT_MS) return systemClock.setTimer(delayMs, callback);
    this.#limits.set(callback, delayMs);
    return { cancel: () => void this.#limits.delete(callback) };
  }

  /** The limits that wait now, in milliseconds. */
  limits(): number[] {
    return [...this.#limits.values()];
  }

  /** The time of every limit that waits now has come. */
  reachLimits(): void {
    const due = [...this.#limits.keys()];
    this.#limits.clear();
    for (const callback of due) callback();
  }
}
