import type { RunClaim } from "@waybill/engine";
import type { Kysely, Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";
import type { EventNotices } from "../server-events/event-notices.ts";
import type { StoreSignals } from "./store-signals.ts";

/** All that differs between the databases that runs and artifacts' records may be kept in. The rest is the same on each. */
export interface RunDatabase {
  readonly db: Kysely<Tables>;
  /**
   * For statements that may read much, and change nothing: on SQLite they run in threads, so that the process goes on. They
   * see what was committed before they began.
   */
  readonly reader: Kysely<Tables>;
  /** Where the runs are, as errors name it: a file, or an address without its secrets. */
  readonly path: string;
  /** Whether transactions are one after the other anyway, so that small ones are better done together. */
  readonly isOneAtATime: boolean;
  /** Who is told of transactions that had events of the server in them, when these are over. */
  readonly eventNotices: EventNotices;
  /** Does `work` all or not at all, durable on return. It may be done again where another transaction got in its way. */
  transaction<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  /** Resolves when no other transaction can take the number of a run until this one has ended. */
  lockNumbers(trx: Transaction<Tables>): Promise<void>;
  /**
   * Resolves when no other transaction can hold the lock of this name until this one has ended. SQLite's transactions
   * are one after the other anyway.
   */
  lockFor(trx: Transaction<Tables>, name: string): Promise<void>;
  /**
   * Resolves when no other transaction can change this run until this one has ended.
   *
   * @throws WaybillError `STORE_CLAIM_LOST` where this process claimed the run and has lost it since
   */
  lockRun(trx: Transaction<Tables>, runId: string): Promise<void>;
  /** As `RunStore.claim`. */
  claim(runId: string): Promise<RunClaim | null>;
  /** As `RunStore.claimed`. */
  claimed(): Promise<readonly string[]>;
  /** A lock of any name, which ends with its process. @returns null: another one holds it */
  lock(name: string): Promise<NamedLock | null>;
  /** To be closed before the database is. */
  openSignals(): StoreSignals;
  /** The error for people behind one of the database; what is none of its comes back as it is. */
  storeError(error: unknown): unknown;
  close(): Promise<void>;
}

export interface NamedLock {
  release(): Promise<void>;
}
