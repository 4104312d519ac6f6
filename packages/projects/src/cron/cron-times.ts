import type { ScheduleRule } from "@waybill/pipeline";

/** When a schedule is due: what a library computes for us. */
export interface CronTimes {
  /**
   * The first time that is later than `after`, both in milliseconds since the epoch; null: there is none.
   *
   * @throws WaybillError `CRON_INVALID`
   */
  next(rule: ScheduleRule, after: number): number | null;
}

/** Steps of a search that is longer than this are a mistake. */
const MAX_TIMES = 10_000;

/** Times later than `since`, up to and with `until`, in order; at most 10,000 of them. */
export function dueTimes(times: CronTimes, rule: ScheduleRule, since: number, until: number): readonly number[] {
  const due: number[] = [];
  let next = times.next(rule, since);
  while (next !== null && next <= until && due.length < MAX_TIMES) {
    due.push(next);
    next = times.next(rule, next);
  }
  return due;
}

/** How far back the last of the missed times is looked for step by step. */
const WINDOW_MS = 3_600_000;

/**
 * The tick that is to run now: the last time that was due since `since`, however many were missed with it. Null: none.
 *
 * A schedule of every minute on a server that was down for a month has 43,000 of them, so the search begins an hour
 * back and goes twice as far each time it finds nothing.
 */
export function dueTick(times: CronTimes, rule: ScheduleRule, since: number, now: number): number | null {
  const first = times.next(rule, since);
  if (first === null || first > now) return null;
  for (let window = WINDOW_MS; ; window *= 2) {
    const from = Math.max(since, now - window);
    const last = lastOf(times, rule, from, now);
    if (last !== null) return last;
    if (from <= since) return first;
  }
}

function lastOf(times: CronTimes, rule: ScheduleRule, since: number, until: number): number | null {
  let last: number | null = null;
  for (let next = times.next(rule, since); next !== null && next <= until; next = times.next(rule, next)) last = next;
  return last;
}
