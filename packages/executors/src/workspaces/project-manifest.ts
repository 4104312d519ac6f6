import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fromPath, toPath } from "../files/byte-path.ts";
import { isInGitRepository, listGitFiles } from "./git-files.ts";
import { ManifestBuilder, walkTree, type Manifest } from "./manifest.ts";

/** Where there is no Git to say what belongs to a project: what certainly does not. */
const NEVER_PROJECT = new Set([".git", ".waybill", "node_modules"]);
/** Work trees in work trees; deeper is a mistake or an attack. */
const MAX_NESTED_REPOSITORIES = 16;

/**
 * The files of a project: in a Git work tree what Git tracks or would track, elsewhere everything but `.git`,
 * `.waybill` and `node_modules`. Never the `.waybill` directory at the top, nor `ownDirectory`.
 *
 * @param projectDirectory absolute
 * @param ownDirectory where copies go; absolute, may be inside the project
 * @throws WaybillError `WORKSPACE_GIT_FAILED`; errors of the file system as they are
 */
export async function projectManifest(projectDirectory: string, ownDirectory: string): Promise<Manifest> {
  const root = fromPath(projectDirectory);
  const own = fromPath(relative(projectDirectory, ownDirectory));
  const names = isInGitRepository(projectDirectory) ? await listGitFiles(root) : null;
  // Git lists nothing of a project that lies in an ignored directory of another one's work tree.
  if (names === null || names.length === 0)
    return walkTree(root, (path, name) => NEVER_PROJECT.has(name) || path === own);

  const builder = new ManifestBuilder(root);
  const isOwn = (path: string): boolean => path === own || path.startsWith(`${own}/`);
  await addGitFiles(builder, root, "", names, (path) => isOwn(path) || /^\.waybill(?:\/|$)/.test(path), 0);
  return builder;
}

async function addGitFiles(
  builder: ManifestBuilder,
  root: string,
  prefix: string,
  names: readonly string[],
  isExcluded: (path: string) => boolean,
  depth: number,
): Promise<void> {
  for (const name of names) {
    const path = prefix + name;
    if (isExcluded(path) || builder.add(path) !== "directory") continue;
    // A submodule, or a work tree of its own. One that was never checked out is an empty directory.
    if (!builder.addDirectory(path) || depth >= MAX_NESTED_REPOSITORIES) continue;
    const nested = `${root}/${path}`;
    if (!existsSync(toPath(`${nested}/.git`))) continue;
    const nestedNames = await listGitFiles(nested);
    if (nestedNames !== null) await addGitFiles(builder, root, `${path}/`, nestedNames, isExcluded, depth + 1);
  }
}
