import { fileError, WaybillError } from "@waybill/core";

/** Primary result codes of SQLite (https://sqlite.org/rescode.html); the low byte of the extended ones. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** Another process holds the lock that was needed. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    "errcode" in error &&
    typeof error.errcode === "number" &&
    (error.errcode & 0xff) === SQLITE_BUSY
  );
}

/**
 * Gives an error of SQLite or of the file system its code for people. What is a `WaybillError` already, and what
 * has nothing to do with storage (a defect), comes back as it is.
 */
export function storeError(error: unknown, path: string): unknown {
  if (error instanceof WaybillError || !(error instanceof Error)) return error;
  const detail = error.message;
  if ("errcode" in error && typeof error.errcode === "number") {
    switch (error.errcode & 0xff) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return new WaybillError("STORE_LOCKED", { path }, { cause: error });
      case SQLITE_READONLY:
        return new WaybillError("STORE_READ_ONLY", { path }, { cause: error });
      case SQLITE_FULL:
        return new WaybillError("STORE_FULL", { path }, { cause: error });
      case SQLITE_NOTADB:
        return new WaybillError("STORE_NOT_A_DATABASE", { path }, { cause: error });
      case SQLITE_CORRUPT:
        return new WaybillError("STORE_DAMAGED", { path, detail }, { cause: error });
      case SQLITE_CANTOPEN:
        return new WaybillError("STORE_CANNOT_OPEN", { path, detail }, { cause: error });
      default:
        return new WaybillError("STORE_FAILED", { path, detail }, { cause: error });
    }
  }
  return fileError(error, path);
}
