import { systemClock, type Clock } from "@waybill/core";

const INTERVAL_MS = 100;
const MOST_BACK_MS = 3 * 3_600_000;
/** Less than a step's time-out: to a process that takes a run up, a clock that was set forward is time that passed. */
const MOST_AHEAD_MS = 20 * 60_000;

export interface WildClock extends Clock {
  /** From now on it is set again and again. */
  goWild(): void;
}

/**
 * The system's clock, if somebody set it again and again, hours back and some minutes ahead. Timers do not notice.
 *
 * Until `goWild` it is as far ahead as it will ever be: a run that began while it was hours back would soon see those
 * hours pass, and they would be taken for the time that its steps took.
 */
export function wildClock(): WildClock {
  let ahead = MOST_AHEAD_MS;
  let setAt = Infinity;
  return {
    goWild() {
      setAt = -Infinity;
    },
    now() {
      const at = systemClock.monotonic();
      if (at - setAt > INTERVAL_MS) {
        setAt = at;
        ahead = Math.round(Math.random() * (MOST_BACK_MS + MOST_AHEAD_MS)) - MOST_BACK_MS;
      }
      return systemClock.now() + ahead;
    },
    monotonic: () => systemClock.monotonic(),
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs, callback),
  };
}
