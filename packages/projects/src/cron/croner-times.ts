import { WaybillError } from "@waybill/core";
import { cronProblem, isTimeZone, type ScheduleRule } from "@waybill/pipeline";
import { Cron } from "croner";
import type { CronTimes } from "./cron-times.ts";

/** Schedules kept ready: making one costs more than asking it. */
const MAX_KEPT = 1000;

/** Schedules by croner, which knows time zones and what their clocks do. */
export function cronerTimes(): CronTimes {
  const kept = new Map<string, Cron>();
  function scheduleOf(rule: ScheduleRule): Cron {
    const key = `${rule.timezone} ${rule.cron}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = makeCron(rule);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, made);
    return made;
  }
  return {
    next(rule, after) {
      const next = scheduleOf(rule).nextRun(new Date(after));
      return next === null ? null : next.getTime();
    },
  };
}

function makeCron(rule: ScheduleRule): Cron {
  const { cron, timezone } = rule;
  // Its own dialect is larger than ours, and what is stored may be of an older version.
  const problem = cronProblem(cron) ?? (isTimeZone(timezone) ? null : "is in a time zone that nobody knows");
  if (problem !== null) throw new WaybillError("CRON_INVALID", { cron, timezone, problem });
  try {
    // Without a function it never runs anything. Times of day without a wildcard come once on a day of 25 hours.
    return new Cron(cron, { timezone, paused: true, mode: "5-part", fixedTimeRule: "no-wildcard" });
  } catch (error) {
    throw new WaybillError("CRON_INVALID", { cron, timezone, problem: "is not understood" }, { cause: error });
  }
}
