import { systemClock, type Clock } from "@waybill/core";

const INTERVAL_MS = 100;
const MOST_BACK_MS = 3 * 3_600_000;
/** Less than a step's time-out: to a process that takes a run up, a clock that was set forward is time that passed. */
const MOST_AHEAD_MS = 20 * 60_000;

/** The system's clock, if somebody set it again and again, hours back and some minutes ahead. Timers do not notice. */
export function wildClock(): Clock {
  let ahead = 0;
  let setAt = -Infinity;
  return {
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
