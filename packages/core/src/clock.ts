/** Time as a port, so that delays, time-outs and back-off can be tested exactly and without waiting. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Milliseconds since some moment, going on evenly whatever the machine's clock is set to; not whole ones. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs` milliseconds unless cancelled before. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** The longest delay the platform's timers take (2^31 - 1 ms, 24.8 days); a longer one would fire at once. */
const LONGEST_DELAY_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, callback) {
    const handle = setTimeout(callback, Math.min(Math.max(delayMs, 0), LONGEST_DELAY_MS));
    return { cancel: () => clearTimeout(handle) };
  },
};
