import type { Clock, Timer } from "@waybill/core";

const NO_TIMER: Timer = { cancel: () => undefined };

/**
 * A clock whose timers can all be ended, so that whoever watches an execution that is left to another process does not keep
 * this one alive: a step that prints nothing was watched until it ended.
 */
export class EndableClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  /** From the end on it calls nobody. */
  setTimer(delayMs: number, callback: () => void): Timer {
    if (this.#isOver) return NO_TIMER;
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }

  end(): void {
    this.#isOver = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}
