import type { Clock } from "./clock.ts";
import type { Ids } from "./ids.ts";
import type { Random } from "./random.ts";

/** A clock that moves only when told to. Timers due at the same instant fire in the order they were set. */
export class ManualClock implements Clock {
  #now: number;
  /** What its time of day is ahead. */
  #ahead = 0;
  #sequence = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly callback: () => void }>();

  constructor(startMs = 0) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now + this.#ahead;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Somebody sets the clock forward or back: timers do not notice. */
  jump(byMs: number): void {
    this.#ahead += byMs;
  }

  setTimer(delayMs: number, callback: () => void): { cancel(): void } {
    const id = this.#sequence++;
    this.#timers.set(id, { at: this.#now + Math.max(delayMs, 0), callback });
    return { cancel: () => void this.#timers.delete(id) };
  }

  /** Delays of the timers now waiting, shortest first, in milliseconds from now. */
  pendingDelays(): number[] {
    return [...this.#timers.values()].map((timer) => timer.at - this.#now).toSorted((a, b) => a - b);
  }

  /** Moves time forward, firing what falls due on the way at its own instant. */
  advance(byMs: number): void {
    const target = this.#now + byMs;
    for (;;) {
      const due = [...this.#timers.entries()]
        .filter(([, timer]) => timer.at <= target)
        .toSorted(([idA, a], [idB, b]) => a.at - b.at || idA - idB)[0];
      if (due === undefined) break;
      const [id, timer] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
    }
    this.#now = target;
  }
}

/** Always the same number: with 0.5, jitter that is symmetric around its base vanishes. */
export function constantRandom(value: number): Random {
  return { next: () => value };
}

/** `prefix-1`, `prefix-2`, … */
export function sequentialIds(prefix = "id"): Ids {
  let count = 0;
  return { next: () => `${prefix}-${++count}` };
}
