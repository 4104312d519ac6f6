import { WaybillError } from "./waybill-error.ts";

/**
 * Gives an error of the file system its code for people (`STORE_FULL`, `STORE_READ_ONLY`, `STORE_FAILED`). What is
 * none, a defect say or an error with a code already, comes back as it is.
 *
 * @param path What was read or written, as the person knows it.
 */
export function fileError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return error;
  switch (error.code) {
    case "ENOSPC":
    case "EDQUOT":
      return new WaybillError("STORE_FULL", { path }, { cause: error });
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return new WaybillError("STORE_READ_ONLY", { path }, { cause: error });
    default:
      return new WaybillError("STORE_FAILED", { path, detail: error.message }, { cause: error });
  }
}

/** Whether `error` is one of the operating system's with this code, for example `ENOENT`. */
export function hasSystemCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
