import type { AuditReader } from "../ports.ts";
import { exportLine, GENESIS_HASH, hashOf, type AuditEntry, type AuditQuery } from "./entry.ts";

/** Entries read at once. */
const PAGE = 500;

/** Whether the log is as it was written. */
export type AuditVerdict =
  | { readonly isIntact: true; readonly entries: number; readonly headHash: string }
  | {
      readonly isIntact: false;
      /** Entries before it are as they were written. */
      readonly brokenAt: number;
      readonly problem: "missing" | "changed" | "out_of_order" | "cut_off";
    };

/** An entry that somebody keeps elsewhere, and that the log must still hold. */
export interface AuditAnchor {
  readonly seq: number;
  readonly integrityHash: string;
}

export class AuditLog {
  readonly #reader: AuditReader;

  constructor(reader: AuditReader) {
    this.#reader = reader;
  }

  list(query: AuditQuery): Promise<readonly AuditEntry[]> {
    return this.#reader.list(query);
  }

  head(): Promise<AuditEntry | null> {
    return this.#reader.head();
  }

  /**
   * Computes every hash again and finds the first entry that is not what it was.
   *
   * A chain cannot tell by itself that its end was cut off, or that all of it was written anew: `anchor`, the last
   * entry of an earlier export, can.
   */
  async verify(anchor?: AuditAnchor): Promise<AuditVerdict> {
    let seq = 0;
    let headHash = GENESIS_HASH;
    for await (const entry of this.#entries({})) {
      const problem = problemOf(entry, seq + 1, headHash);
      if (problem !== null) return { isIntact: false, brokenAt: seq + 1, problem };
      if (entry.seq === anchor?.seq && entry.integrityHash !== anchor.integrityHash) {
        return { isIntact: false, brokenAt: entry.seq, problem: "changed" };
      }
      seq = entry.seq;
      headHash = entry.integrityHash;
    }
    if (anchor !== undefined && anchor.seq > seq) return { isIntact: false, brokenAt: seq + 1, problem: "cut_off" };
    return { isIntact: true, entries: seq, headHash };
  }

  /** The log as lines of JSON, each with its end; a page at a time is in memory. */
  async *exportLines(filter: Omit<AuditQuery, "afterSeq" | "limit"> = {}): AsyncGenerator<string> {
    for await (const entry of this.#entries(filter)) yield `${exportLine(entry)}\n`;
  }

  async *#entries(filter: Omit<AuditQuery, "afterSeq" | "limit">): AsyncGenerator<AuditEntry> {
    let afterSeq = 0;
    for (;;) {
      const page = await this.#reader.list({ ...filter, afterSeq, limit: PAGE });
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      afterSeq = last.seq;
    }
  }
}

function problemOf(
  entry: AuditEntry,
  seq: number,
  previousHash: string,
): "missing" | "changed" | "out_of_order" | null {
  if (entry.seq !== seq) return "missing";
  if (entry.integrityHash !== hashOf(entry)) return "changed";
  return entry.previousHash === previousHash ? null : "out_of_order";
}
