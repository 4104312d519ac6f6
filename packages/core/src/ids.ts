import { v7 } from "uuid";

/** Identifiers as a port, so that tests can predict them. */
export interface Ids {
  /** A new identifier, unique for ever. */
  next(): string;
}

/** UUID version 7 (RFC 9562): sorts by time of creation, which keeps database indexes compact. */
export const systemIds: Ids = { next: () => v7() };
