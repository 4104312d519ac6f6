import type { CronTimes } from "./cron-times.ts";

/** Schedules by croner, which is loaded only where there are any. */
export async function loadCronerTimes(): Promise<CronTimes> {
  const { cronerTimes } = await import("./croner-times.ts");
  return cronerTimes();
}
