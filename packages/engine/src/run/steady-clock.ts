import type { Clock, Timer } from "@waybill/core";

/**
 * The time of one run: never goes back, and goes on evenly where the machine's clock was set back, so that events and
 * lines keep their order and durations stay true. A clock that was set forward is followed: it may as well have been
 * the machine that slept.
 */
export class SteadyClock implements Clock {
  readonly #clock: Clock;
  /** The time last told, and when that was. */
  #last: number;
  #lastAt: number;

  /** @param notBefore the last time that is known of the run, in milliseconds since the epoch */
  constructor(clock: Clock, notBefore: number) {
    this.#clock = clock;
    this.#last = notBefore;
    this.#lastAt = clock.monotonic();
  }

  now(): number {
    const at = this.#clock.monotonic();
    this.#last = Math.max(this.#clock.now(), this.#last + (at - this.#lastAt));
    this.#lastAt = at;
    return Math.floor(this.#last);
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  /** Something of the run turned out to have happened as late as this. */
  notBefore(time: number): void {
    this.#last = Math.max(this.now(), time);
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#clock.setTimer(delayMs, callback);
  }
}
