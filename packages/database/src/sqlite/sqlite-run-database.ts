import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasSystemCode } from "@waybill/core";
import type { RunClaim } from "@waybill/engine";
import { Kysely, type Transaction } from "kysely";
import type { NamedLock, RunDatabase } from "../runs/run-database.ts";
import { NO_SIGNALS, type StoreSignals } from "../runs/store-signals.ts";
import { EventNotices } from "../server-events/event-notices.ts";
import type { Tables } from "../schema/tables.ts";
import { claimFile } from "./claim-file.ts";
import { storeError } from "./errors.ts";
import { ReaderDialect } from "./readers/reader-dialect.ts";

/** Readers wait for nobody but a process that recovers the log of one that died. */
const READER_PATIENCE_MS = 5_000;

/** Runs in a SQLite file. Each transaction has the write lock of the whole file, so there is nothing else to lock. */
export class SqliteRunDatabase implements RunDatabase {
  readonly db: Kysely<Tables>;
  readonly path: string;
  readonly isOneAtATime = true;
  readonly eventNotices = new EventNotices();
  /** One file for each run that is driven, or was when its process died. */
  readonly #claims: string;
  #reader: Kysely<Tables> | null = null;

  constructor(db: Kysely<Tables>, path: string) {
    this.db = db;
    this.path = path;
    this.#claims = join(dirname(path), "claims");
  }

  transaction<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.eventNotices.telling((inside) => this.db.transaction().execute(inside), work);
  }

  get reader(): Kysely<Tables> {
    const data = { path: this.path, busyTimeoutMs: READER_PATIENCE_MS };
    return (this.#reader ??= new Kysely({ dialect: new ReaderDialect(data) }));
  }

  lockNumbers(): Promise<void> {
    return Promise.resolve();
  }

  lockFor(): Promise<void> {
    return Promise.resolve();
  }

  lockRun(): Promise<void> {
    return Promise.resolve();
  }

  claim(runId: string): Promise<RunClaim | null> {
    return claimFile(join(this.#claims, encodeURIComponent(runId)));
  }

  async claimed(): Promise<readonly string[]> {
    const names = await readdir(this.#claims).catch((error: unknown) => {
      if (hasSystemCode(error, "ENOENT")) return [];
      throw error;
    });
    return names.map(decodeURIComponent);
  }

  async lock(name: string): Promise<NamedLock | null> {
    const claim = await claimFile(join(dirname(this.path), "locks", name));
    return claim === null ? null : { release: () => claim.release(false) };
  }

  openSignals(): StoreSignals {
    return NO_SIGNALS;
  }

  storeError(error: unknown): unknown {
    return storeError(error, this.path);
  }

  async close(): Promise<void> {
    await this.#reader?.destroy();
    await this.db.destroy();
  }
}
