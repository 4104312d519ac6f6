import { WaybillError } from "@waybill/core";
import { lstatSync, mkdirSync, statSync } from "node:fs";
import { systemErrorCode } from "../files/hostile-file.ts";

/** @throws WaybillError `EXECUTOR_WORKSPACE_UNUSABLE` */
export function checkWorkspace(workspace: string): void {
  let detail = "it is not a directory.";
  try {
    if (statSync(workspace).isDirectory()) return;
  } catch (cause) {
    detail = systemErrorCode(cause) === "ENOENT" ? "it does not exist." : `${systemErrorCode(cause)}.`;
  }
  throw new WaybillError("EXECUTOR_WORKSPACE_UNUSABLE", { workspace, detail });
}

/**
 * A directory for one execution, which nobody else may enter.
 *
 * @throws WaybillError `EXECUTOR_CONTROL_UNUSABLE`
 */
export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    // Left by an earlier try of ours it is welcome, laid out by another user it is a trap.
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status?.isDirectory() === true && status.uid === process.getuid?.()) return;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError("EXECUTOR_CONTROL_UNUSABLE", { directory: path, detail }, { cause });
  }
}
