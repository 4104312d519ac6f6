import type { ScheduleRule } from "@waybill/pipeline";
import { derivedId } from "../triggers/derived-id.ts";
import { dueTick, type CronTimes } from "./cron-times.ts";

/** A schedule of a pipeline on its default branch. */
export interface Schedule {
  readonly pipelineId: string;
  readonly rule: ScheduleRule;
}

/** One time at which one schedule was due. */
export interface Tick {
  readonly scheduleId: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

export type TickOutcome = "started" | "skipped";

/** Which ticks were started, by all servers of a database. */
export interface ScheduleTicks {
  /** When the schedule was last due, as far as is known; of one that is new, `now`, which is written down. */
  lastDueAt(scheduleId: string, now: number): Promise<number>;
  /**
   * Takes a tick, for one server alone and until `leaseUntil`. @returns false: another has it, or it is settled
   */
  claim(tick: Tick, now: number, leaseUntil: number): Promise<boolean>;
  /** Ticks that somebody took and did not settle in time: their server died. */
  abandoned(now: number): Promise<readonly Tick[]>;
  settle(tick: Tick, outcome: TickOutcome, runId: string | null): Promise<void>;
  /** Drops ticks that were due earlier; the last of each schedule stays. */
  forget(before: number): Promise<void>;
}

/** The same for a schedule as long as it says the same: one that is changed begins anew. */
export function scheduleId({ pipelineId, rule }: Schedule): string {
  return derivedId("schedule", pipelineId, rule.cron, rule.timezone, rule.branch ?? "");
}

/** The run of a tick. A server that takes over from a dead one makes the same run again, which is none. */
export function tickRunId({ scheduleId: id, dueAt }: Tick): string {
  return derivedId("tick", id, String(dueAt));
}

export interface ClaimedTick extends Tick {
  readonly schedule: Schedule;
  readonly runId: string;
}

/** Seconds in which who takes a tick starts its run. */
const LEASE_MS = 60_000;

/**
 * Takes what is due now, each tick for this server alone. Times that nobody was there for are caught up with by one run.
 * The caller starts the runs and settles the ticks.
 */
export async function claimDueTicks(
  ticks: ScheduleTicks,
  schedules: readonly Schedule[],
  times: CronTimes,
  now: number,
): Promise<readonly ClaimedTick[]> {
  const byId = new Map(schedules.map((schedule) => [scheduleId(schedule), schedule] as const));
  const candidates: Tick[] = [...(await ticks.abandoned(now))];
  for (const [id, { rule }] of byId) {
    const dueAt = dueTick(times, rule, await ticks.lastDueAt(id, now), now);
    if (dueAt !== null) candidates.push({ scheduleId: id, dueAt });
  }
  const claimed: ClaimedTick[] = [];
  for (const tick of candidates) {
    const schedule = byId.get(tick.scheduleId);
    // The schedule of an abandoned tick may have been changed since.
    if (schedule === undefined || !(await ticks.claim(tick, now, now + LEASE_MS))) continue;
    claimed.push({ ...tick, schedule, runId: tickRunId(tick) });
  }
  return claimed;
}
