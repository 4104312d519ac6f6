import { WaybillError, type Clock } from "@waybill/core";
import type { RunClaim } from "@waybill/engine";
import { sql, type Transaction } from "kysely";
import type { NamedLock } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";
import type { PostgresAddress } from "./address.ts";
import { ClaimSession } from "./claim-session.ts";

/**
 * The server takes a moment to see that a process has died; a claim waits for so long before it believes that another
 * process drives the run.
 */
const PATIENCE_MS = 100;
const POLL_MS = 10;

/** Such locks are the database's as a whole, so the schema is part of the name. */
const LOCK_KEY = "hashtextextended('waybill ' || current_schema() || ' ' || $1, 0)";

interface HeldClaim {
  readonly token: string;
  readonly lost: AbortController;
}

interface SessionLock extends NamedLock {
  readonly session: ClaimSession;
}

/**
 * Claims of runs that several servers share. A claim is an advisory lock of a session of its own: it ends with the
 * connection, so with the process and with its machine, and nobody's age has to be judged.
 *
 * A process may learn late that its session is gone. So each claim has a token in a row, which the next claim of the
 * run replaces; commits of a claimed run look at it, and one that comes too late is refused.
 */
export class PostgresClaims {
  readonly #address: PostgresAddress;
  readonly #clock: Clock;
  /** By run. Those that were lost stay until they are released: until then the run is still at work here. */
  readonly #held = new Map<string, HeldClaim>();
  /** Names of locks that are being taken, or held: the server gives a session the same one again. */
  readonly #taken = new Set<string>();
  #session: Promise<ClaimSession> | null = null;

  constructor(address: PostgresAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
  }

  /** As `RunStore.claim`. */
  async claim(runId: string): Promise<RunClaim | null> {
    const lock = await this.#lock(claimName(runId));
    if (lock === null) return null;
    try {
      const [row] = await lock.session.query<{ token: string }>(
        `insert into run_claims (run_id, token) values ($1, gen_random_uuid()::text)
         on conflict (run_id) do update set token = excluded.token returning token`,
        [runId],
      );
      if (row === undefined) throw new WaybillError("INTERNAL", { detail: "a claim was not written" });
      const held = { token: row.token, lost: new AbortController() };
      this.#held.set(runId, held);
      // It may have ended since it answered, and told those that were held by then.
      if (lock.session.isOver) this.#lose(held, runId, null);
      return { lost: held.lost.signal, release: (isOver) => this.#release(lock, runId, held, isOver) };
    } catch (error) {
      await lock.release().catch(() => undefined);
      throw error;
    }
  }

  /**
   * As `RunDatabase.lock`. Nobody is told that such a lock was lost with its connection: it is for what does no harm when
   * it is done twice.
   */
  async lock(name: string): Promise<NamedLock | null> {
    return await this.#lock(`lock ${name}`);
  }

  /** As `RunStore.claimed`. */
  async claimed(): Promise<readonly string[]> {
    const session = await this.#open();
    const rows = await session.query<{ run_id: string }>("select run_id from run_claims", []);
    return rows.map((row) => row.run_id);
  }

  /**
   * Locks a run in a transaction, and its claim where this process has it.
   *
   * @throws WaybillError `STORE_CLAIM_LOST`
   */
  async lockRun(trx: Transaction<Tables>, runId: string): Promise<void> {
    const held = this.#held.get(runId);
    if (held === undefined) {
      await sql`select 1 from pipeline_runs where id = ${runId} for no key update`.execute(trx);
      return;
    }
    held.lost.signal.throwIfAborted();
    // Both are locked in one statement: whoever claims the run waits until this transaction is over.
    const { rows } = await sql`
      select 1 from pipeline_runs join run_claims on run_claims.run_id = pipeline_runs.id
      where pipeline_runs.id = ${runId} and run_claims.token = ${held.token}
      for no key update of pipeline_runs for share of run_claims`.execute(trx);
    if (rows.length > 0) return;
    const { rows: runs } = await sql`select 1 from pipeline_runs where id = ${runId}`.execute(trx);
    // A run that is not there is told by whoever misses it.
    if (runs.length === 0) return;
    this.#lose(held, runId, null);
    held.lost.signal.throwIfAborted();
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    this.#session = null;
    await session?.close();
  }

  async #lock(name: string): Promise<SessionLock | null> {
    if (this.#taken.has(name)) return null;
    this.#taken.add(name);
    let lock: SessionLock | null = null;
    try {
      const session = await this.#open();
      if (await this.#waitFor(session, name)) lock = { session, release: () => this.#unlock(session, name) };
      return lock;
    } finally {
      if (lock === null) this.#taken.delete(name);
    }
  }

  async #waitFor(session: ClaimSession, name: string): Promise<boolean> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const statement = `select pg_try_advisory_lock(${LOCK_KEY}) as locked`;
      const [row] = await session.query<{ locked: boolean }>(statement, [name]);
      if (row?.locked === true) return true;
      if (performance.now() >= end) return false;
      await new Promise<void>((resolve) => void this.#clock.setTimer(POLL_MS, resolve));
    }
  }

  async #unlock(session: ClaimSession, name: string): Promise<void> {
    if (!this.#taken.delete(name)) return;
    // With its session the server has released it, and somebody else may have it.
    if (!session.isOver) await session.query(`select pg_advisory_unlock(${LOCK_KEY})`, [name]);
  }

  async #release(lock: SessionLock, runId: string, held: HeldClaim, isOver: boolean): Promise<void> {
    if (this.#held.get(runId) !== held) return;
    this.#held.delete(runId);
    try {
      if (isOver && !held.lost.signal.aborted) {
        const statement = "delete from run_claims where run_id = $1 and token = $2";
        await lock.session.query(statement, [runId, held.token]);
      }
    } finally {
      await lock.release();
    }
  }

  #open(): Promise<ClaimSession> {
    this.#session ??= this.#connect();
    return this.#session;
  }

  async #connect(): Promise<ClaimSession> {
    const session = new ClaimSession(this.#address, this.#clock, (error) => this.#loseAll(error));
    try {
      await session.open();
      return session;
    } catch (error) {
      this.#session = null;
      throw error;
    }
  }

  /** The next claim opens another session. */
  #loseAll(error: unknown): void {
    this.#session = null;
    for (const [runId, held] of this.#held) this.#lose(held, runId, error);
  }

  #lose(held: HeldClaim, runId: string, cause: unknown): void {
    const { path } = this.#address;
    held.lost.abort(new WaybillError("STORE_CLAIM_LOST", { path, run: runId }, { cause }));
  }
}

function claimName(runId: string): string {
  return `claim ${runId}`;
}
