import { WaybillError } from "@waybill/core";

/** Gives an error of the file system its code for people; everything else comes back as it is. */
export function logError(error: unknown, path: string): unknown {
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

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
