/** What a job may use of the machine it runs on, and how it is kept apart from it. */
export interface JobPlace {
  readonly resources: Resources;
  readonly isolation: Isolation;
  readonly pullPolicy: PullPolicy;
}

/** Limits of one execution. Null: the executor's default. */
export interface Resources {
  /** Bytes. */
  readonly memory: number | null;
  /** Processors; 0.5 is half the time of one. */
  readonly cpus: number | null;
  /** Processes and threads at once. */
  readonly pids: number | null;
}

export interface Isolation {
  /** `default`: a user without privileges. `root`: inside the place only, with few capabilities. */
  readonly user: "default" | "root";
  /** Whether the image's own files may be written; the workspace and the temporary directory always may. */
  readonly rootFilesystem: "writable" | "read_only";
  readonly network: "default" | "none";
}

/** When an image is fetched from its registry. `missing`: where this machine does not have it. */
export type PullPolicy = "missing" | "always" | "never";

export const DEFAULT_PLACE: JobPlace = {
  resources: { memory: null, cpus: null, pids: null },
  isolation: { user: "default", rootFilesystem: "writable", network: "default" },
  pullPolicy: "missing",
};

/** Docker refuses less than 6 MiB. */
export const MIN_MEMORY = 6 * 1024 ** 2;
export const MAX_MEMORY = 2 ** 50;

/**
 * `512m`, `1.5g`, `2GiB`: a number and a unit, all units powers of 1024 as in Docker's own command line.
 *
 * @returns bytes; null: no such text, or out of range
 */
export function parseMemory(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([kmgt])i?b?$/i.exec(text.trim());
  if (match === null) return null;
  const power = "kmgt".indexOf((match[2] as string).toLowerCase()) + 1;
  const bytes = Math.round(Number(match[1]) * 1024 ** power);
  return bytes >= MIN_MEMORY && bytes <= MAX_MEMORY ? bytes : null;
}
