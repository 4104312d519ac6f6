/** Characters of a ref's name; git's own limit is that of a file name, and forges have lower ones. */
export const MAX_REF_LENGTH = 255;

/** Control characters, space and `~ ^ : ? * [ \`, in no part of a ref. */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]/;

/**
 * Whether git takes this for the name of a branch or a tag (`git check-ref-format --branch`). What passes is safe as an
 * argument and as part of `refs/heads/…`: no options, no revision syntax, no way up.
 */
export function isRefName(name: string): boolean {
  if (name === "" || name.length > MAX_REF_LENGTH || name === "@" || name === "HEAD") return false;
  if (name.startsWith("-") || name.endsWith(".") || name.includes("..") || name.includes("@{")) return false;
  // Lone surrogates have no UTF-8.
  if (FORBIDDEN.test(name) || !name.isWellFormed()) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** A whole object id: SHA-1 or SHA-256, in lower case. */
export function isSha(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** What a forge sends in place of a commit where there is none: before a branch was made, or after its end. */
export function isNoCommit(sha: string): boolean {
  return /^0+$/.test(sha);
}

export type RefKind = "branch" | "tag";

/** `refs/heads/main` -> a branch; null for anything that is neither a branch nor a tag, or not a valid name. */
export function parseRef(ref: string): { readonly kind: RefKind; readonly name: string } | null {
  const match = /^refs\/(heads|tags)\/(.+)$/.exec(ref);
  if (match === null) return null;
  const [, folder, name = ""] = match;
  return isRefName(name) ? { kind: folder === "heads" ? "branch" : "tag", name } : null;
}
