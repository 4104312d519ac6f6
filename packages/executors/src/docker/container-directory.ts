import { WaybillError } from "@waybill/core";
import type { StepSpec } from "@waybill/engine";
import { lstatSync, type Stats } from "node:fs";
import { posix } from "node:path";
import { systemErrorCode } from "../files/hostile-file.ts";
import { WORKSPACE_MOUNT } from "./container-config.ts";

/**
 * The directory of the container in which a step starts. A relative path is below the workspace and may not leave it.
 * Where the way there leads through the image, or through a link a job has made, only the container knows whether it
 * exists: then the step's shell says so.
 *
 * @param workspace absolute path on this machine
 * @throws WaybillError `EXECUTOR_WORKING_DIRECTORY_MISSING`, `EXECUTOR_WORKING_DIRECTORY_OUTSIDE`
 */
export function containerDirectory(step: StepSpec, workspace: string): string {
  const wanted = posix.resolve(WORKSPACE_MOUNT, step.workingDirectory);
  const isInside = wanted === WORKSPACE_MOUNT || wanted.startsWith(`${WORKSPACE_MOUNT}/`);
  const parameters = { step: step.name, directory: step.workingDirectory };
  if (!isInside) {
    if (step.workingDirectory.startsWith("/")) return wanted;
    throw new WaybillError("EXECUTOR_WORKING_DIRECTORY_OUTSIDE", parameters);
  }
  let path = workspace;
  for (const name of wanted.slice(WORKSPACE_MOUNT.length).split("/")) {
    if (name === "") continue;
    path = `${path}/${name}`;
    const status = statusOf(path);
    if (status === "hidden" || (status !== null && status.isSymbolicLink())) break;
    if (status?.isDirectory() !== true) throw new WaybillError("EXECUTOR_WORKING_DIRECTORY_MISSING", parameters);
  }
  return wanted;
}

/** Null: nothing is there; "hidden": we may not look, because root in a container made it. */
function statusOf(path: string): Stats | null | "hidden" {
  try {
    return lstatSync(path);
  } catch (error) {
    return systemErrorCode(error) === "EACCES" ? "hidden" : null;
  }
}
