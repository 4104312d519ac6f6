export {
  claimDueTicks,
  scheduleId,
  tickRunId,
  type ClaimedTick,
  type Schedule,
  type ScheduleTicks,
  type Tick,
  type TickOutcome,
} from "./claim-ticks.ts";
export { dueTick, dueTimes, type CronTimes } from "./cron-times.ts";
export { loadCronerTimes } from "./load-croner.ts";
