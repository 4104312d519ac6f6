import { join, posix } from "node:path";
import { WaybillError } from "@waybill/core";

/** Never begins with a dot: such names are the store's own, and `..` would leave it. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;

/** `<run>/<job>/<position>`: what `save` gives out and `restore` takes back. */
const REF = /^([^/]+)\/([^/]+)\/(\d{1,6})$/;

/** Where the artifacts of a job are, and where they are put together. All in one directory, so that a rename does it. */
export interface JobPaths {
  readonly directory: string;
  readonly saved: string;
  readonly saving: string;
  readonly replaced: string;
}

/** @throws WaybillError `STORE_UNSAFE_NAME` */
export function jobPaths(root: string, runId: string, jobName: string): JobPaths {
  for (const name of [runId, jobName]) {
    if (!SAFE_NAME.test(name)) throw new WaybillError("STORE_UNSAFE_NAME", { name });
  }
  const directory = join(root, runId);
  return {
    directory,
    saved: join(directory, jobName),
    saving: join(directory, `.saving-${jobName}`),
    replaced: join(directory, `.replaced-${jobName}`),
  };
}

/** The directory of a saved artifact; null: this store never gave out such a reference. */
export function pathOfRef(root: string, ref: string): string | null {
  const [, runId = "", jobName = "", position = ""] = REF.exec(ref) ?? [];
  if (!SAFE_NAME.test(runId) || !SAFE_NAME.test(jobName)) return null;
  return join(root, runId, jobName, position);
}

/** Why a pattern must not be used; null: it may. */
export function unsafePattern(pattern: string): string | null {
  if (pattern.startsWith("/")) return "it is absolute";
  if (pattern.split("/").includes("..")) return 'it has a ".."';
  if (pattern.includes("\0")) return "it has a NUL character";
  return null;
}

/**
 * Why a link must not be kept; null: it may. `..` is allowed at the beginning of a target only: behind another link it
 * would mean another directory than the text says. With that, a link inside leads inside, whatever links it leads
 * through, as long as those keep the same rule.
 *
 * @param path Of the link, relative to the workspace, with `/`.
 */
export function unsafeLink(path: string, target: string): string | null {
  if (target.startsWith("/")) return `it is a link to the absolute path "${target}"`;
  const names = target.split("/");
  const firstDown = names.findIndex((name) => name !== ".." && name !== "." && name !== "");
  if (firstDown !== -1 && names.includes("..", firstDown)) return `it is a link through "..": "${target}"`;
  const destination = posix.normalize(posix.join(posix.dirname(path), target));
  return destination === ".." || destination.startsWith("../")
    ? `it is a link out of the workspace: "${target}"`
    : null;
}
