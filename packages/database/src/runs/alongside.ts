import type { Alongside, StoreTransaction } from "@waybill/core";
import { Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";

/** The last act of a transaction that changes something. */
export async function storeAlongside(trx: Transaction<Tables>, alongside: Alongside | undefined): Promise<void> {
  await alongside?.(trx as unknown as StoreTransaction);
}

/** What `storeAlongside` has handed over. */
export function transactionOf(transaction: StoreTransaction): Transaction<Tables> {
  const given: unknown = transaction;
  if (!(given instanceof Transaction)) throw new Error("it is no transaction of this database");
  return given as Transaction<Tables>;
}
