import type { RunDatabase } from "../runs/run-database.ts";

/** An answer as it went out. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
}

/** What is known of a request: it is new, another one has its key, it is under way, or it was answered. */
export type BegunRequest = "new" | "differs" | "under way" | StoredAnswer;

/** Answers to requests that may be sent again, by their keys. */
export class SqlIdempotencyRecords {
  readonly #database: RunDatabase;

  constructor(database: RunDatabase) {
    this.#database = database;
  }

  /**
   * Of several that begin the same request at once, one gets `new`: it answers or gives up.
   * @param id of caller, operation and key
   * @param digest of all that the request says
   * @param now milliseconds since the epoch
   * @param expiredBefore one that was begun before this time is forgotten
   */
  async begin(id: string, digest: string, now: number, expiredBefore = 0): Promise<BegunRequest> {
    return await this.#guard(async () => {
      const { db } = this.#database;
      await db.deleteFrom("idempotency_keys").where("id", "=", id).where("created_at", "<", expiredBefore).execute();
      const inserted = await db
        .insertInto("idempotency_keys")
        .values({ id, digest, created_at: now })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 1n) return "new";
      const row = await db
        .selectFrom("idempotency_keys")
        .select(["digest", "status", "headers", "body"])
        .where("id", "=", id)
        .executeTakeFirst();
      // Given up or expired in between: whoever asks may ask again.
      if (row === undefined) return "under way";
      if (row.digest !== digest) return "differs";
      if (row.status === null) return "under way";
      const headers = JSON.parse(row.headers ?? "{}") as StoredAnswer["headers"];
      return { status: row.status, headers, body: row.body ?? "" };
    });
  }

  async answer(id: string, { status, headers, body }: StoredAnswer): Promise<void> {
    await this.#guard(() =>
      this.#database.db
        .updateTable("idempotency_keys")
        .set({ status, headers: JSON.stringify(headers), body })
        .where("id", "=", id)
        .execute(),
    );
  }

  /** Nothing came of the request: it may be sent again. */
  async giveUp(id: string): Promise<void> {
    await this.#guard(() =>
      this.#database.db.deleteFrom("idempotency_keys").where("id", "=", id).where("status", "is", null).execute(),
    );
  }

  async removeOlderThan(time: number): Promise<void> {
    await this.#guard(() => this.#database.db.deleteFrom("idempotency_keys").where("created_at", "<", time).execute());
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }
}
