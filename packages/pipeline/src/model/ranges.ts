/** Both ends belong to the range. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Seconds. */
export const STEP_TIMEOUT_RANGE: Range = { min: 1, max: 1800 };
export const JOB_TIMEOUT_RANGE: Range = { min: 1, max: 3600 };
/** Up to seven days. */
export const PIPELINE_TIMEOUT_RANGE: Range = { min: 1, max: 604_800 };

/** Attempts after the first. */
export const STEP_RETRY_RANGE: Range = { min: 0, max: 3 };
export const JOB_RETRY_RANGE: Range = { min: 0, max: 5 };
/** Attempts after the first, of a `retry` with conditions: what is worth trying again may be tried more often. */
export const RETRY_RANGE: Range = { min: 0, max: 10 };
/** Delays in seconds. */
export const BACKOFF_RANGES = {
  delay: { min: 0, max: 3600 },
  maxDelay: { min: 0, max: 3600 },
  factor: { min: 1, max: 10 },
  jitter: { min: 0, max: 1 },
} as const satisfies Readonly<Record<string, Range>>;
/** Attempts in all, so one more than a job may retry. */
export const MAX_ATTEMPTS_RANGE: Range = { min: 1, max: 6 };
