/** When a pipeline runs by itself. */
export interface ScheduleRule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** IANA name; the clock on the wall there is meant, also where it is set forward and back. */
  readonly timezone: string;
  /** Null: the repository's default branch. */
  readonly branch: string | null;
}

export const DEFAULT_TIME_ZONE = "UTC";

export const MAX_SCHEDULES = 20;

/** @returns whether the platform knows a time zone of this name */
export function isTimeZone(name: string): boolean {
  // An offset such as +02:00 is one to the platform, but has no summer time: nobody means it.
  if (name.length > 64 || !/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
