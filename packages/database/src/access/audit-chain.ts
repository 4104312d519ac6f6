import { chainEntry, type AuditEntry, type AuditQuery, type AuditReader, type NewAuditEntry } from "@waybill/access";
import type { Ids } from "@waybill/core";
import type { Kysely, Transaction } from "kysely";
import type { RunDatabase } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";
import { AUDIT_COLUMNS, type AccessRowReader } from "./rows.ts";

/**
 * Appends to the audit log what a transaction has done. Its last act: whoever else appends waits from here on until it
 * has ended, and nobody who waits may hold what it still needs.
 */
export async function appendAudit(
  database: RunDatabase,
  trx: Transaction<Tables>,
  rows: AccessRowReader,
  entries: readonly NewAuditEntry[],
  ids: Ids,
): Promise<void> {
  if (entries.length === 0) return;
  await database.lockFor(trx, "audit log");
  let previous = await readHead(trx, rows);
  for (const entry of entries) {
    previous = chainEntry(previous, entry, ids.next());
    await trx.insertInto("audit_log").values(rowOf(previous)).execute();
  }
}

/** What PostgreSQL's integer holds: whoever asks with more would get an error. */
const HIGHEST_SEQ = 2 ** 31 - 1;

/** The audit log on SQL. */
export class SqlAuditReader implements AuditReader {
  readonly #db: Kysely<Tables>;
  readonly #rows: AccessRowReader;

  constructor(db: Kysely<Tables>, rows: AccessRowReader) {
    this.#db = db;
    this.#rows = rows;
  }

  async list(asked: AuditQuery): Promise<readonly AuditEntry[]> {
    const { afterSeq, beforeSeq, limit, projectId, actorId, action, resource } = asked;
    let query = this.#db
      .selectFrom("audit_log")
      .select(AUDIT_COLUMNS)
      .where("seq", ">", Math.min(afterSeq, HIGHEST_SEQ));
    if (projectId !== undefined) query = query.where("project_id", "=", projectId);
    if (actorId !== undefined) query = query.where("actor_id", "=", actorId);
    if (action !== undefined) query = query.where("action", "=", action);
    if (resource !== undefined) query = query.where("resource", "=", resource);
    if (beforeSeq !== undefined) query = query.where("seq", "<", Math.min(beforeSeq, HIGHEST_SEQ));
    const rows = await query
      .orderBy("seq", beforeSeq === undefined ? "asc" : "desc")
      .limit(limit)
      .execute();
    return rows.map((row) => this.#rows.audit(row));
  }

  async head(): Promise<AuditEntry | null> {
    return await readHead(this.#db, this.#rows);
  }
}

async function readHead(db: Kysely<Tables>, rows: AccessRowReader): Promise<AuditEntry | null> {
  const row = await db.selectFrom("audit_log").select(AUDIT_COLUMNS).orderBy("seq", "desc").limit(1).executeTakeFirst();
  return row === undefined ? null : rows.audit(row);
}

function rowOf(entry: AuditEntry): Tables["audit_log"] {
  return {
    seq: entry.seq,
    event_id: entry.eventId,
    time: entry.time,
    actor_id: entry.actorId,
    action: entry.action,
    resource: entry.resource,
    project_id: entry.projectId,
    context: JSON.stringify(entry.context),
    previous_hash: entry.previousHash,
    integrity_hash: entry.integrityHash,
  };
}
