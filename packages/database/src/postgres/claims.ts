import { WaybillError, type Clock } from "@waybill/core";
import type { RunClaim } from "@waybill/engine";
import { sql, type Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";
import type { PostgresAddress } from "./address.ts";
import { ClaimSession } from "./claim-session.ts";

/**
 * The server takes a moment to see that a process has died; a claim waits for so long before it believes that another
 * process drives the run.
 */
const PATIENCE_MS = 100;
const POLL_MS = 10;

/** A lock of the database as a whole, so that the schema is part of its name. */
const LOCK_KEY = "hashtextextended('waybill claim ' || current_schema() || ' ' || $1, 0)";

interface HeldClaim {
  readonly token: string;
  readonly lost: AbortController;
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
  readonly #claiming = new Set<string>();
  #session: Promise<ClaimSession> | null = null;

  constructor(address: PostgresAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
  }

  /** As `RunStore.claim`. */
  async claim(runId: string): Promise<RunClaim | null> {
    // The server gives a session the same lock again.
    if (this.#held.has(runId) || this.#claiming.has(runId)) return null;
    this.#claiming.add(runId);
    try {
      const session = await this.#open();
      if (!(await this.#lock(session, runId))) return null;
      const [row] = await session.query<{ token: string }>(
        `insert into run_claims (run_id, token) values ($1, gen_random_uuid()::text)
         on conflict (run_id) do update set token = excluded.token returning token`,
        [runId],
      );
      if (row === undefined) throw new WaybillError("INTERNAL", { detail: "a claim was not written" });
      const held = { token: row.token, lost: new AbortController() };
      this.#held.set(runId, held);
      // It may have ended since it answered, and told those that were held by then.
      if (this.#session === null) this.#lose(held, runId, null);
      return { lost: held.lost.signal, release: (isOver) => this.#release(session, runId, held, isOver) };
    } finally {
      this.#claiming.delete(runId);
    }
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

  async #lock(session: ClaimSession, runId: string): Promise<boolean> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const [row] = await session.query<{ locked: boolean }>(`select pg_try_advisory_lock(${LOCK_KEY}) as locked`, [
        runId,
      ]);
      if (row?.locked === true) return true;
      if (performance.now() >= end) return false;
      await new Promise<void>((resolve) => void this.#clock.setTimer(POLL_MS, resolve));
    }
  }

  async #release(session: ClaimSession, runId: string, held: HeldClaim, isOver: boolean): Promise<void> {
    if (this.#held.get(runId) !== held) return;
    this.#held.delete(runId);
    // The server has released it, and somebody else may have it.
    if (held.lost.signal.aborted) return;
    if (isOver) await session.query("delete from run_claims where run_id = $1 and token = $2", [runId, held.token]);
    await session.query(`select pg_advisory_unlock(${LOCK_KEY})`, [runId]);
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
