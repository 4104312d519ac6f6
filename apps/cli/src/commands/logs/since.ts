import { WaybillError } from "@waybill/core";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d)){1,5}$/;

/** With `Z` or an offset, or a time of this machine's zone; seconds may be left out, and the time of day. */
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * The instant that `--since` means: `90s`, `10m`, `1h30m`, `2d` ago, or a time as `2026-03-01T12:00:00Z`. A time
 * without a zone is one of this machine's.
 *
 * @param now - milliseconds since the epoch, as is the result
 * @throws WaybillError `CLI_LOGS_SINCE`
 */
export function parseSince(text: string, now: number): number {
  if (DURATION.test(text)) {
    const parts = [...text.matchAll(/([\d.]+)([a-z]+)/g)];
    return now - parts.reduce((sum, [, number, unit = ""]) => sum + Number(number) * (UNITS[unit] ?? 0), 0);
  }
  // A bare date would be read as one in UTC, unlike a date with a time of day.
  const time = TIME.test(text) ? Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(" ", "T")) : Number.NaN;
  if (!Number.isSafeInteger(time)) throw new WaybillError("CLI_LOGS_SINCE", { text });
  return time;
}
