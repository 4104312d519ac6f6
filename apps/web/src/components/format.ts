const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `850ms`, `4.2s`, `1m 32s`, `3h 05m`, `2d 4h`. @param ms milliseconds; negative ones, of clocks that differ, are 0 */
export function formatDuration(ms: number): string {
  const length = Math.max(0, ms);
  if (length < SECOND) return `${Math.round(length)}ms`;
  if (length < 10 * SECOND) return `${(Math.floor(length / 100) / 10).toFixed(1)}s`;
  if (length < MINUTE) return `${Math.floor(length / SECOND)}s`;
  if (length < HOUR) return `${Math.floor(length / MINUTE)}m ${two(Math.floor((length % MINUTE) / SECOND))}s`;
  if (length < DAY) return `${Math.floor(length / HOUR)}h ${two(Math.floor((length % HOUR) / MINUTE))}m`;
  return `${Math.floor(length / DAY)}d ${Math.floor((length % DAY) / HOUR)}h`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `now`, `12s ago`, `5m ago`, `3h ago`, `2d ago`, then the date. @param ageMs how long ago */
export function formatAge(ageMs: number, time: number): string {
  if (ageMs < 5 * SECOND) return "now";
  if (ageMs < MINUTE) return `${Math.floor(ageMs / SECOND)}s ago`;
  if (ageMs < HOUR) return `${Math.floor(ageMs / MINUTE)}m ago`;
  if (ageMs < DAY) return `${Math.floor(ageMs / HOUR)}h ago`;
  if (ageMs < 14 * DAY) return `${Math.floor(ageMs / DAY)}d ago`;
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(time);
}

/** `in 12s`, `in 5m`, `in 3h`, `in 2d`, then the date; what is over is `now`. @param aheadMs how far ahead */
export function formatUntil(aheadMs: number, time: number): string {
  if (aheadMs < SECOND) return "now";
  if (aheadMs < MINUTE) return `in ${Math.floor(aheadMs / SECOND)}s`;
  if (aheadMs < HOUR) return `in ${Math.floor(aheadMs / MINUTE)}m`;
  if (aheadMs < DAY) return `in ${Math.floor(aheadMs / HOUR)}h`;
  if (aheadMs < 100 * DAY) return `in ${Math.floor(aheadMs / DAY)}d`;
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(time);
}

/** With date, seconds and zone: what a title shows. */
export function formatExactTime(time: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" }).format(time);
}

/** `512 B`, `1.4 kB`, `23 MB`: powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit === 0 || value >= 100 ? Math.round(value).toString() : value.toFixed(1).replace(/\.0$/, "");
  return `${text} ${units[unit] ?? ""}`;
}

/** `refs/heads/main` -> `main`, `refs/tags/v1` -> `v1`, `refs/pull/7/head` -> `#7`. */
export function shortRef(ref: string): string {
  const pull = /^refs\/(?:pull|merge-requests)\/(\d+)\//.exec(ref)?.[1];
  return pull === undefined ? ref.replace(/^refs\/(?:heads|tags)\//, "") : `#${pull}`;
}

/** `3 jobs`, `1 job`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
