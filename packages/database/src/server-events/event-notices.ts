import type { Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";

/** Tells that transactions with events of the server in them are over, so that followers need not look by themselves. */
export class EventNotices {
  readonly #marked = new WeakSet<Transaction<Tables>>();
  readonly #listeners: (() => void)[] = [];

  /** The transaction has put one in. */
  mark(trx: Transaction<Tables>): void {
    this.#marked.add(trx);
  }

  listen(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** @param transact does the work in a transaction, which is over when it resolves */
  async telling<Result>(
    transact: (work: (trx: Transaction<Tables>) => Promise<Result>) => Promise<Result>,
    work: (trx: Transaction<Tables>) => Promise<Result>,
  ): Promise<Result> {
    let last: Transaction<Tables> | null = null;
    const result = await transact(async (trx) => {
      last = trx;
      return await work(trx);
    });
    if (last !== null && this.#marked.has(last)) for (const listener of this.#listeners) listener();
    return result;
  }
}
