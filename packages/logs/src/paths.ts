import { join } from "node:path";
import { WaybillError } from "@waybill/core";

/** Beginning with a letter or digit keeps out `.`, `..` and hidden files; no separators of any system. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;

export interface LogPaths {
  /** Directory of the run. */
  readonly directory: string;
  readonly log: string;
  readonly index: string;
}

/** @throws WaybillError `STORE_UNSAFE_NAME` where a name could leave the directory. */
export function logPaths(root: string, runId: string, jobName: string): LogPaths {
  for (const name of [runId, jobName]) {
    if (!SAFE_NAME.test(name)) throw new WaybillError("STORE_UNSAFE_NAME", { name });
  }
  const directory = join(root, runId);
  return { directory, log: join(directory, `${jobName}.log`), index: join(directory, `${jobName}.idx`) };
}
