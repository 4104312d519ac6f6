import type { AccessStore, AccessTables, AccessTransaction, AuditReader, NewAuditEntry } from "@waybill/access";
import { systemIds, type Alongside, type Ids } from "@waybill/core";
import { transactionOf } from "../runs/alongside.ts";
import type { RunDatabase } from "../runs/run-database.ts";
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
        await appendAudit(this.#database, trx, this.#rows, entries, this.#ids);
        return result;
      });
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }

  /** Errors pass as they are: the database has to see whether the transaction may be tried again. */
  auditAlongside(entry: NewAuditEntry): Alongside {
    return (transaction) => appendAudit(this.#database, transactionOf(transaction), this.#rows, [entry], this.#ids);
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
