import {
  serverEventOf,
  type AccessStore,
  type AccessTables,
  type AccessTransaction,
  type AuditReader,
  type NewAuditEntry,
} from "@waybill/access";
import { systemIds, type Alongside, type Ids } from "@waybill/core";
import type { Transaction } from "kysely";
import { transactionOf } from "../runs/alongside.ts";
import type { RunDatabase } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";
import { appendServerEvents } from "../server-events/append-server-events.ts";
import { appendAudit, SqlAuditReader } from "./audit-chain.ts";
import { AccessRowReader } from "./rows.ts";
import { databaseSession, transactionSession, type AccessSession } from "./session.ts";
import { SqlApprovalTable } from "./sql-approval-table.ts";
import { SqlEnvironmentTable } from "./sql-environment-table.ts";
import { SqlSecretTable } from "./sql-secret-table.ts";
import { SqlSessionTable, SqlSignInTable } from "./sql-sign-in-tables.ts";
import { SqlTokenTable } from "./sql-token-table.ts";
import { SqlUserTable } from "./sql-user-table.ts";

/** Who may do what, on SQL. */
export class SqlAccessStore implements AccessStore {
  readonly tables: AccessTables;
  readonly audit: AuditReader;
  readonly #database: RunDatabase;
  readonly #rows: AccessRowReader;
  readonly #ids: Ids;

  constructor(database: RunDatabase, ids: Ids = systemIds) {
    this.#database = database;
    this.#rows = new AccessRowReader(database.path);
    this.#ids = ids;
    const session = databaseSession(database, this.#rows);
    this.tables = tablesOf(session);
    const reader = new SqlAuditReader(database.db, this.#rows);
    this.audit = {
      list: (query) => session.guard(() => reader.list(query)),
      head: () => session.guard(() => reader.head()),
    };
  }

  async transaction<Result>(work: (tx: AccessTransaction) => Promise<Result>): Promise<Result> {
    try {
      return await this.#database.transaction(async (trx) => {
        const entries: NewAuditEntry[] = [];
        const tables = tablesOf(transactionSession(this.#database, trx, this.#rows));
        const result = await work({ ...tables, audit: (entry) => void entries.push(entry) });
        await this.#tell(trx, entries);
        return result;
      });
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }

  /** Errors pass as they are: the database has to see whether the transaction may be tried again. */
  auditAlongside(entry: NewAuditEntry): Alongside {
    return (transaction) => this.#tell(transactionOf(transaction), [entry]);
  }

  /** Those who follow, and the audit log last: its lock is held until the transaction is over. */
  async #tell(trx: Transaction<Tables>, entries: readonly NewAuditEntry[]): Promise<void> {
    const events = entries.map(serverEventOf).filter((event) => event !== null);
    await appendServerEvents(this.#database, trx, events, this.#ids);
    await appendAudit(this.#database, trx, this.#rows, entries, this.#ids);
  }
}

function tablesOf(session: AccessSession): AccessTables {
  return {
    users: new SqlUserTable(session),
    tokens: new SqlTokenTable(session),
    sessions: new SqlSessionTable(session),
    signIns: new SqlSignInTable(session),
    secrets: new SqlSecretTable(session),
    approvals: new SqlApprovalTable(session),
    environments: new SqlEnvironmentTable(session),
  };
}
