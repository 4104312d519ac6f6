/** What a reader thread is begun with. */
export interface ReaderData {
  readonly path: string;
  /** How long a statement waits for the lock of another process, in milliseconds. */
  readonly busyTimeoutMs: number;
}

/** A statement that gives rows. */
export interface ReadRequest {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export type ReadReply =
  /** The first one: the thread can be asked. */
  | { readonly isReady: true }
  | { readonly rows: readonly unknown[] }
  | { readonly message: string; /** SQLite's; null: it was not SQLite that failed. */ readonly errcode: number | null };
