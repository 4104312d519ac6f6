import type { Clock, Random } from "@waybill/core";
import { isWorthAnotherTry } from "./http/forge-client.ts";
import type { OutboxEntry, StatusOutbox } from "./outbox.ts";
import type { StatusReporter } from "./reporter.ts";

/** Milliseconds before the second attempt; twice as long before each that follows. */
const FIRST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 600_000;

/** Part of a pause by which it may be longer or shorter. */
const JITTER = 0.25;

/** After this a status interests nobody any more. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/** Longer than any exchange takes, the one for a token included. */
const LEASE_MS = 60_000;

export interface ReportingOptions {
  readonly outbox: StatusOutbox;
  readonly reporters: readonly StatusReporter[];
  readonly clock: Clock;
  readonly random: Random;
  /** Told of what was given up; for a log. */
  readonly onGivenUp?: (entry: OutboxEntry, problem: string) => void;
}

/**
 * Tells forges what is due now, one after the other. What cannot be told is tried again later, up to a day; what a forge
 * refuses is not.
 *
 * @returns how many were told
 */
export async function reportDue(options: ReportingOptions, limit = 100): Promise<number> {
  const { outbox, clock } = options;
  let told = 0;
  for (let taken = 0; taken < limit; taken += 1) {
    const now = clock.now();
    const entry = await outbox.take(now, now + LEASE_MS);
    if (entry === null) break;
    if (await reportEntry(options, entry)) told += 1;
  }
  return told;
}

async function reportEntry(options: ReportingOptions, entry: OutboxEntry): Promise<boolean> {
  const { outbox, reporters, clock } = options;
  const reporter = reporters.find(({ forge }) => forge === entry.report.forge);
  if (reporter === undefined) {
    await giveUp(options, entry, `the forge "${entry.report.forge}" is not configured any more`);
    return false;
  }
  let remoteId: string | null;
  try {
    remoteId = await reporter.report(entry.report, entry.remoteId);
  } catch (error) {
    const problem = error instanceof Error ? error.message : "unknown";
    const isTooOld = clock.now() - entry.updatedAt > GIVE_UP_AFTER_MS;
    if (!isWorthAnotherTry(error) || isTooOld) await giveUp(options, entry, problem);
    else await outbox.retry(entry, nextAttempt(options, entry, reporter), problem);
    return false;
  }
  await outbox.told(entry, remoteId);
  return true;
}

async function giveUp({ outbox, onGivenUp }: ReportingOptions, entry: OutboxEntry, problem: string): Promise<void> {
  await outbox.giveUp(entry, problem);
  onGivenUp?.(entry, problem);
}

/** With jitter behind what the forge asks for as well, so that all that waited does not come in one moment. */
function nextAttempt({ clock, random }: ReportingOptions, { attempts }: OutboxEntry, reporter: StatusReporter): number {
  const base = Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempts, 20), LONGEST_DELAY_MS);
  const delay = base * (1 + JITTER * (2 * random.next() - 1));
  const rest = reporter.restUntil - clock.now();
  return Math.round(clock.now() + Math.max(delay, rest > 0 ? rest + FIRST_DELAY_MS * random.next() : 0));
}
