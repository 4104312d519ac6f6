const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const PARTS = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** A year: what is longer is a mistake, and more than timers take. */
const LONGEST_MS = 365 * 24 * 3_600_000;

/**
 * A duration in the form `60m`, `1h30m`, `1.5h`, `100ms` or `0`. A number without a unit, a negative and an endless one
 * are none.
 *
 * @returns milliseconds, or null
 */
export function parseDuration(text: string): number | null {
  const unsigned = text.startsWith("+") ? text.slice(1) : text;
  if (unsigned === "0") return 0;
  if (unsigned === "" || unsigned.length > 100) return null;
  let total = 0;
  PARTS.lastIndex = 0;
  while (PARTS.lastIndex < unsigned.length) {
    const part = PARTS.exec(unsigned);
    if (part === null) return null;
    total += Number(part[1]) * (UNITS_MS[part[2] ?? ""] ?? Number.NaN);
  }
  return total <= LONGEST_MS ? total : null;
}

/** A duration as `parseDuration` reads it: `1h0m0s`, `1m30s`, `100ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return milliseconds === 0 ? "0s" : `${Number(milliseconds.toFixed(3))}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = Number(((milliseconds % 60_000) / 1000).toFixed(3));
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}
