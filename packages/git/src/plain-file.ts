import type { GitObject } from "./git-objects.ts";

const SPACE = 0x20;
const NUL = 0x00;
/** A file, one that can be run among them. A symbolic link, whose content is a path, is none. */
const PLAIN_MODE = /^100(?:644|755)$/;

/**
 * The hash of a plain file of a tree. An entry is `MODE NAME`, a NUL, and a hash as bytes, as long as that of the tree.
 * @returns null: there is no such entry, or it is something else
 */
export function plainFileOf(tree: GitObject, name: string): string | null {
  if (tree.type !== "tree") return null;
  const { content } = tree;
  const hashBytes = tree.name.length / 2;
  const wanted = Buffer.from(name);
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(SPACE, at);
    const nul = content.indexOf(NUL, space);
    if (space === -1 || nul === -1) return null;
    const next = nul + 1 + hashBytes;
    if (content.subarray(space + 1, nul).equals(wanted)) {
      const isPlain = PLAIN_MODE.test(content.toString("latin1", at, space));
      return isPlain ? content.toString("hex", nul + 1, next) : null;
    }
    at = next;
  }
  return null;
}
