/** What an attempt failed of, as far as it can be told. The spec's values: they stand in files, events and SQL. */
export const FAILURE_CATEGORIES = [
  "transient_infrastructure",
  "transient_dependencies",
  "permanent_code_issues",
  "configuration_errors",
  "resource_exhaustion",
] as const;

export type FailureCategory = (typeof FAILURE_CATEGORIES)[number];

/** Both ends belong to it; one code is a range of its own. */
export interface ExitCodes {
  readonly from: number;
  readonly to: number;
}

/** What may be tried again: failures with these exit codes, of this category, or for which the time ran out. */
export type RetryCondition = ExitCodes | FailureCategory | "timeout";

/** How often, after which failures and after which pause a job or a step is tried again. */
export interface RetryRule {
  /** Attempts after the first. */
  readonly max: number;
  /** Null: every failure but configuration errors and time-outs. */
  readonly when: readonly RetryCondition[] | null;
  readonly backoff: Backoff;
}

/** The pause before attempt n + 1 is `delay * factor^(n - 1)`, spread by `jitter`, and never above `maxDelay`. */
export interface Backoff {
  /** Seconds. */
  readonly delay: number;
  readonly factor: number;
  /** Seconds. */
  readonly maxDelay: number;
  /** 0.25: a quarter more or less. */
  readonly jitter: number;
}

export const DEFAULT_BACKOFF: Backoff = { delay: 1, factor: 2, maxDelay: 120, jitter: 0.25 };

/** What a plain `retry_count` says. */
export function plainRetry(max: number): RetryRule {
  return { max, when: null, backoff: DEFAULT_BACKOFF };
}

export function isPlainRetry({ when, backoff }: RetryRule): boolean {
  const { delay, factor, maxDelay, jitter } = DEFAULT_BACKOFF;
  return (
    when === null &&
    backoff.delay === delay &&
    backoff.factor === factor &&
    backoff.maxDelay === maxDelay &&
    backoff.jitter === jitter
  );
}

export const LOWEST_EXIT_CODE = 1;
export const HIGHEST_EXIT_CODE = 255;

/** `100-120`, its ends in order and within what a failed program can end with. */
export const EXIT_CODES_PATTERN = /^(\d{1,3})-(\d{1,3})$/;

/** @returns null where the text is no range of exit codes */
export function parseExitCodes(text: string): ExitCodes | null {
  const match = EXIT_CODES_PATTERN.exec(text);
  if (match === null) return null;
  const [from, to] = [Number(match[1]), Number(match[2])];
  return LOWEST_EXIT_CODE <= from && from <= to && to <= HIGHEST_EXIT_CODE ? { from, to } : null;
}

/** As it is written in a file. */
export function writtenCondition(condition: RetryCondition): number | string {
  if (typeof condition === "string") return condition;
  return condition.from === condition.to ? condition.from : `${condition.from}-${condition.to}`;
}

/** The other way round. @returns null where it is no condition */
export function parseCondition(written: unknown): RetryCondition | null {
  if (typeof written === "number") return parseExitCodes(`${written}-${written}`);
  if (typeof written !== "string") return null;
  if (written === "timeout") return written;
  return FAILURE_CATEGORIES.find((category) => category === written) ?? parseExitCodes(written);
}
