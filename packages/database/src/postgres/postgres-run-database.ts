import type { Clock, Random } from "@waybill/core";
import type { RunClaim } from "@waybill/engine";
import { sql, type Kysely, type Transaction } from "kysely";
import type { NamedLock, RunDatabase } from "../runs/run-database.ts";
import type { StoreSignals } from "../runs/store-signals.ts";
import { EventNotices } from "../server-events/event-notices.ts";
import type { Tables } from "../schema/tables.ts";
import type { PostgresAddress } from "./address.ts";
import { PostgresClaims } from "./claims.ts";
import { isConflict, storeError } from "./errors.ts";
import { PostgresSignals } from "./signals.ts";

/** How often a transaction is tried that others get in the way of. */
const ATTEMPTS = 5;

/** Before the second attempt, in milliseconds; twice as long before each that follows. */
const FIRST_DELAY_MS = 10;

/** Runs in a PostgreSQL database, which several servers may share. */
export class PostgresRunDatabase implements RunDatabase {
  readonly db: Kysely<Tables>;
  readonly path: string;
  readonly isOneAtATime = false;
  readonly eventNotices = new EventNotices();
  readonly #address: PostgresAddress;
  readonly #claims: PostgresClaims;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(db: Kysely<Tables>, address: PostgresAddress, clock: Clock, random: Random) {
    this.db = db;
    this.path = address.path;
    this.#address = address;
    this.#claims = new PostgresClaims(address, clock);
    this.#clock = clock;
    this.#random = random;
  }

  /** Each statement sees what was committed before it, so one behind a lock sees what its holder wrote. */
  transaction<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.eventNotices.telling((inside) => this.#transaction(inside), work);
  }

  async #transaction<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.db.transaction().setIsolationLevel("read committed").execute(work);
      } catch (error) {
        if (!isConflict(error) || attempt >= ATTEMPTS) throw error;
      }
      const delay = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + this.#random.next());
      await new Promise<void>((resolve) => void this.#clock.setTimer(delay, resolve));
    }
  }

  /** A connection waits without holding up the process. */
  get reader(): Kysely<Tables> {
    return this.db;
  }

  lockNumbers(trx: Transaction<Tables>): Promise<void> {
    return this.lockFor(trx, "run numbers");
  }

  /** The name is a parameter, so that there is one statement however many names there are. */
  async lockFor(trx: Transaction<Tables>, name: string): Promise<void> {
    const text = sql`'waybill ' || cast(${name} as text) || ' ' || current_schema()`;
    await sql`select pg_advisory_xact_lock(hashtextextended(${text}, 0))`.execute(trx);
  }

  lockRun(trx: Transaction<Tables>, runId: string): Promise<void> {
    return this.#claims.lockRun(trx, runId);
  }

  claim(runId: string): Promise<RunClaim | null> {
    return this.#claims.claim(runId);
  }

  claimed(): Promise<readonly string[]> {
    return this.#claims.claimed();
  }

  lock(name: string): Promise<NamedLock | null> {
    return this.#claims.lock(name);
  }

  openSignals(): StoreSignals {
    return new PostgresSignals(this.#address, this.#clock);
  }

  storeError(error: unknown): unknown {
    return storeError(error, this.path);
  }

  async close(): Promise<void> {
    await this.#claims.close();
    await this.db.destroy();
  }
}
