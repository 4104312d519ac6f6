import type { Admission } from "./admit.ts";

export interface GroupEntry {
  /** Unique among all projects: the project's id is part of it. */
  readonly group: string;
  /** Of a run that is stored. */
  readonly runId: string;
  readonly cancelInProgress: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The concurrency groups of a database, shared by its servers. Each method is one transaction. */
export interface ConcurrencyGroups {
  /** Puts a run into its group. The same once more changes nothing and gives the same answer for as long as it holds. */
  enter(entry: GroupEntry): Promise<Admission>;
  /** Whether a run may be at work: it is in no group, or it is its turn. */
  isAdmitted(runId: string): Promise<boolean>;
  /** Takes a run that has ended out of its group. @returns those whose turn it is now */
  leave(runId: string): Promise<readonly string[]>;
  /** Runs that a later one is to end and that have not ended yet. */
  superseded(): Promise<readonly string[]>;
  /** Takes out all runs that have ended, whoever forgot to. @returns those whose turn it is now */
  sweep(): Promise<readonly string[]>;
}
