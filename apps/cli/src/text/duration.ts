const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A duration for people: `340 ms`, `1.2 s`, `2 m 05 s`, `1 h 02 m`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  // Rounded down: a clock that ticks shows 59.9 s, never 60.0 s.
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m ${twoDigits((ms % MINUTE) / SECOND)} s`;
  return `${Math.floor(ms / HOUR)} h ${twoDigits((ms % HOUR) / MINUTE)} m`;
}

/** How long ago: `just now`, `5 minutes ago`, `3 days ago`. */
export function formatAge(ms: number): string {
  if (ms < MINUTE) return "just now";
  if (ms < HOUR) return ago(Math.floor(ms / MINUTE), "minute");
  if (ms < 24 * HOUR) return ago(Math.floor(ms / HOUR), "hour");
  return ago(Math.floor(ms / (24 * HOUR)), "day");
}

function ago(count: number, unit: string): string {
  return `${plural(count, unit)} ago`;
}

/** `1 job`, `2 jobs`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}
