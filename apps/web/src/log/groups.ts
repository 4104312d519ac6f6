import { plainText } from "./ansi.ts";

const BEGIN = /^(?:##\[group\]|::group::)(.*)$/;
const END = /^(?:##\[endgroup\]|::endgroup::)\s*$/;

/** For the server's search: the line that ends a group. */
export const GROUP_END = String.raw`^(?:##\[endgroup\]|::endgroup::)\s*$`;

export type GroupMark = { readonly kind: "begin"; readonly name: string } | { readonly kind: "end" };

/** What steps print around lines that belong together: `::group::NAME` and `::endgroup::`, or `##[group]NAME`. */
export function groupMark(text: string): GroupMark | null {
  // Nearly all lines are neither.
  if (!text.includes("group")) return null;
  const plain = plainText(text);
  const name = BEGIN.exec(plain)?.[1];
  if (name !== undefined) return { kind: "begin", name: name.trim() };
  return END.test(plain) ? { kind: "end" } : null;
}
