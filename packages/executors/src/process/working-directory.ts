import { WaybillError } from "@waybill/core";
import type { StepSpec } from "@waybill/engine";
import { realpathSync, statSync } from "node:fs";
import { posix } from "node:path";

/** Where pipeline files say the workspace is, on every executor. */
const WORKSPACE = "/workspace";

/**
 * The directory of the host in which a step starts. `/workspace` and what is below it mean the workspace; a relative
 * path is below the workspace and may not leave it, not through links either; another absolute path is the host's
 * own, because plain processes are not isolated from it.
 *
 * @param workspace absolute
 * @throws WaybillError `EXECUTOR_WORKING_DIRECTORY_MISSING`, `EXECUTOR_WORKING_DIRECTORY_OUTSIDE`
 */
export function resolveWorkingDirectory(step: StepSpec, workspace: string): string {
  const inWorkspace = placeInWorkspace(step, workspace);
  if (inWorkspace !== null) return posix.join(workspace, inWorkspace);
  const directory = posix.normalize(step.workingDirectory);
  if (!isDirectory(directory)) {
    throw new WaybillError("EXECUTOR_WORKING_DIRECTORY_MISSING", { step: step.name, directory: step.workingDirectory });
  }
  return directory;
}

/**
 * Where below the workspace a step starts: relative, and a directory that is there. Null: in some other place.
 *
 * @param workspace absolute
 * @throws WaybillError `EXECUTOR_WORKING_DIRECTORY_MISSING`, `EXECUTOR_WORKING_DIRECTORY_OUTSIDE`
 */
export function placeInWorkspace(step: StepSpec, workspace: string): string | null {
  const relative = relativeToWorkspace(posix.normalize(step.workingDirectory === "" ? "." : step.workingDirectory));
  if (relative === null) return null;
  const directory = posix.join(workspace, relative);
  const parameters = { step: step.name, directory: step.workingDirectory };
  if (!isBelow(workspace, directory)) throw new WaybillError("EXECUTOR_WORKING_DIRECTORY_OUTSIDE", parameters);
  if (!isDirectory(directory)) throw new WaybillError("EXECUTOR_WORKING_DIRECTORY_MISSING", parameters);
  if (relative !== "." && !isBelow(realpathSync(workspace), realpathSync(directory))) {
    throw new WaybillError("EXECUTOR_WORKING_DIRECTORY_OUTSIDE", parameters);
  }
  return relative;
}

/** Null: a path of the host. */
function relativeToWorkspace(path: string): string | null {
  if (!path.startsWith("/")) return path;
  if (path === WORKSPACE || path === `${WORKSPACE}/`) return ".";
  return path.startsWith(`${WORKSPACE}/`) ? path.slice(WORKSPACE.length + 1) : null;
}

function isBelow(parent: string, path: string): boolean {
  const relative = posix.relative(parent, path);
  return relative !== ".." && !relative.startsWith("../");
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
