import { WaybillError } from "@waybill/core";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { toPath } from "../files/byte-path.ts";

/** About two million names. */
const MAX_LISTING_BYTES = 256 * 1024 * 1024;

/** Whether `directory` is in a Git work tree, as far as can be seen without asking Git. */
export function isInGitRepository(directory: string): boolean {
  for (let current = directory; ; current = dirname(current)) {
    if (existsSync(join(current, ".git"))) return true;
    if (dirname(current) === current) return false;
  }
}

/**
 * The names Git would put into a commit of everything: tracked files, and new ones that are not ignored. Submodules
 * and other work trees inside appear as the name of their directory.
 *
 * @param directory in a work tree; absolute, byte string
 * @returns names relative to `directory`, byte strings; null: there is no Git here, or no work tree
 * @throws WaybillError `WORKSPACE_GIT_FAILED`
 */
export async function listGitFiles(directory: string): Promise<readonly string[] | null> {
  // A repository's own configuration can name a program to run as its file system monitor.
  const args = ["-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const cwd = toPath(directory);
  const listing = await new Promise<string | null>((resolve, reject) => {
    const options = {
      cwd: typeof cwd === "string" ? cwd : cwd.toString(),
      env: { ...withoutGitVariables(process.env), LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" },
      encoding: "latin1",
      maxBuffer: MAX_LISTING_BYTES,
    } as const;
    execFile("git", args, options, (cause, stdout, stderr) => {
      if (cause === null) return resolve(stdout);
      if (cause.code === "ENOENT" || stderr.includes("not a git repository")) return resolve(null);
      const detail = stderr.trim().split("\n")[0] ?? "";
      const parameters = { directory: options.cwd, detail: detail === "" ? cause.message : detail };
      reject(new WaybillError("WORKSPACE_GIT_FAILED", parameters, { cause }));
    });
  });
  if (listing === null) return null;
  const names = listing.split("\0").map((name) => (name.endsWith("/") ? name.slice(0, -1) : name));
  // A file in a merge conflict is listed once for each side.
  return [...new Set(names)].filter((name) => name !== "");
}

/** Inside a Git hook these lead to another repository, or to an index that is being made. */
function withoutGitVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("GIT_")));
}
