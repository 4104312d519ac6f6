import type { Clock, Timer } from "@waybill/core";

/** One timer for everything that waits for files to grow; it runs only while something waits. */
export class Ticker {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #waiting = new Set<() => void>();
  #timer: Timer | null = null;

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** Calls `callback` at the next tick, unless it is removed before. */
  add(callback: () => void): void {
    this.#waiting.add(callback);
    this.#timer ??= this.#clock.setTimer(this.#intervalMs, () => this.#tick());
  }

  remove(callback: () => void): void {
    this.#waiting.delete(callback);
    if (this.#waiting.size > 0) return;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #tick(): void {
    this.#timer = null;
    const due = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of due) callback();
  }
}
