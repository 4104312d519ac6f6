/**
 * The program of a reader thread: a connection that can only read, one statement after the other. It is begun by its file
 * name and bundled as a file of its own, so it imports nothing but types and what Node has.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { ReaderData, ReadReply, ReadRequest } from "./messages.ts";

/** Prepared statements that are kept. */
const MAX_STATEMENTS = 50;

const { path, busyTimeoutMs } = workerData as ReaderData;
const statements = new Map<string, StatementSync>();
let database: DatabaseSync | null = null;

function prepared(sql: string): StatementSync {
  database ??= new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs, defensive: true });
  const known = statements.get(sql);
  if (known !== undefined) return known;
  const statement = database.prepare(sql);
  if (statements.size >= MAX_STATEMENTS) statements.clear();
  statements.set(sql, statement);
  return statement;
}

function read({ sql, parameters }: ReadRequest): ReadReply {
  try {
    return { rows: prepared(sql).all(...(parameters as readonly SQLInputValue[])) };
  } catch (error) {
    const errcode = error instanceof Error && "errcode" in error ? error.errcode : null;
    return {
      message: error instanceof Error ? error.message : String(error),
      errcode: typeof errcode === "number" ? errcode : null,
    };
  }
}

function reply(message: ReadReply): void {
  // oxlint-disable-next-line require-post-message-target-origin -- that is for windows
  parentPort?.postMessage(message);
}

parentPort?.on("message", (request: ReadRequest) => reply(read(request)));
reply({ isReady: true });
