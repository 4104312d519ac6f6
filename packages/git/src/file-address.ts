import { hasSystemCode, WaybillError } from "@waybill/core";
import { realpathSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

/**
 * Whether a repository of this machine lies where repositories may be, wherever symbolic links lead.
 *
 * @param url as `repositoryAddress` gives it
 * @param directories absolute
 * @throws WaybillError `GIT_ADDRESS_INVALID`
 */
export function checkFileAddress(url: string, directories: readonly string[]): void {
  // Git decodes what is encoded, `%2e` for one.
  if (url.includes("%")) throw new WaybillError("GIT_ADDRESS_INVALID", { problem: "it has a percent sign" });
  const path = realPath(resolve(url.slice("file://".length)));
  const isAllowed = directories.some((directory) => {
    const real = realPath(directory);
    return path === real || path.startsWith(real.endsWith(sep) ? real : real + sep);
  });
  if (!isAllowed) {
    throw new WaybillError("GIT_ADDRESS_INVALID", { problem: "it is not where repositories of this machine may be" });
  }
}

/** Of what there is of a path; what is missing has no links. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path || !hasSystemCode(error, "ENOENT")) return path;
    return join(realPath(parent), path.slice(parent.length));
  }
}
