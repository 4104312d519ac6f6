declare const transactionOfStore: unique symbol;

/** A transaction of some database: only adapters of the same database know more of it. */
export interface StoreTransaction {
  readonly [transactionOfStore]: never;
}

/**
 * What is to be stored together with a change or not at all, such as its entry in the audit log. The store that makes the
 * change calls it last in the change's transaction, and once more where that has to be tried again; where it throws, the
 * change does not come about.
 */
export type Alongside = (transaction: StoreTransaction) => Promise<void>;
