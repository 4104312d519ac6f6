import { posix } from "node:path";
import { WaybillError } from "@waybill/core";

/** What Linux takes. */
const MAX_PATH_LENGTH = 4096;

/** As names of runs and jobs are. They become part of file names elsewhere. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/;

/** @throws WaybillError `STORE_UNSAFE_NAME` */
export function checkNames(...names: readonly string[]): void {
  for (const name of names) if (!SAFE_NAME.test(name)) throw new WaybillError("STORE_UNSAFE_NAME", { name });
}

/** Why a path of a manifest must not be restored; null: it may. */
export function unsafePath(path: string): string | null {
  if (path.startsWith("/")) return "it is absolute";
  if (path.includes("\0")) return "it has a NUL character";
  if (path.length > MAX_PATH_LENGTH) return `it is longer than ${MAX_PATH_LENGTH} characters`;
  const isPlain = path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
  return isPlain ? null : "it is not a plain path below the workspace";
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
