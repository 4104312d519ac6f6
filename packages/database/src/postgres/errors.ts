import { WaybillError } from "@waybill/core";
import { DatabaseError } from "pg";

/** Classes and codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SERIALIZATION_FAILURE = "40001";
const DEADLOCK = "40P01";

/** Another transaction got in the way of this one; the same again may succeed. */
export function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === SERIALIZATION_FAILURE || error.code === DEADLOCK);
}

/**
 * Gives an error of the server its code for people. What is a `WaybillError` already, and what no server said (a
 * defect), comes back as it is.
 */
export function storeError(error: unknown, path: string): unknown {
  if (!(error instanceof DatabaseError)) return error;
  const detail = error.message;
  switch (error.code) {
    case "28000": // invalid_authorization_specification
    case "28P01": // invalid_password
    case "42501": // insufficient_privilege
      return new WaybillError("STORE_ACCESS_DENIED", { path, detail }, { cause: error });
    case "3D000": // invalid_catalog_name
      return new WaybillError("STORE_NO_DATABASE", { path, detail }, { cause: error });
    case "25006": // read_only_sql_transaction
      return new WaybillError("STORE_READ_ONLY", { path }, { cause: error });
    case SERIALIZATION_FAILURE:
    case DEADLOCK:
    case "55P03": // lock_not_available
      return new WaybillError("STORE_LOCKED", { path }, { cause: error });
    case "53100": // disk_full
      return new WaybillError("STORE_FULL", { path }, { cause: error });
    case "57014": // query_canceled
    case "25P03": // idle_in_transaction_session_timeout
      return new WaybillError("STORE_TIMED_OUT", { path, detail }, { cause: error });
    case "53300": // too_many_connections
      return new WaybillError("STORE_UNREACHABLE", { path, detail }, { cause: error });
    case "XX001": // data_corrupted
    case "XX002": // index_corrupted
      return new WaybillError("STORE_DAMAGED", { path, detail }, { cause: error });
    default:
      return isOfConnection(error.code ?? "")
        ? new WaybillError("STORE_UNREACHABLE", { path, detail }, { cause: error })
        : new WaybillError("STORE_FAILED", { path, detail }, { cause: error });
  }
}

/** Of the class of connections, or the server is starting, stopping, or has ended the session. */
function isOfConnection(code: string): boolean {
  return code.startsWith("08") || /^57P0[1-5]$/.test(code);
}

/** The error behind a connection that cannot be made, or is no more. */
export function connectionError(error: unknown, path: string): unknown {
  if (error instanceof WaybillError) return error;
  if (error instanceof DatabaseError) return storeError(error, path);
  // The driver has no code for a server that asks for a password where there is none.
  const detail = textOf(error);
  const code = /password must be a/.test(detail) ? "STORE_ACCESS_DENIED" : "STORE_UNREACHABLE";
  return new WaybillError(code, { path, detail }, { cause: error });
}

/** A host with several addresses that all refuse is an error without words. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(textOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
