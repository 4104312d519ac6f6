/** What a command's exit code says. Stable: scripts rely on it. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

export const SUCCESS = 0;
/** The pipeline ran and failed. */
export const FAILED = 1;
/** Wrong usage, or a definition with errors. */
export const INVALID = 2;
/** Something Waybill needs (disk, database, network) is missing or broken, or Waybill itself is. */
export const INFRASTRUCTURE = 3;
/** Ended by a signal: 128 + SIGINT, as shells have it. */
export const INTERRUPTED = 130;
