import type { TreeNode } from "./node.ts";

const MAX_QUOTED = 60;

/** A value in the words of a message: `the text "abc"`, `the number 5`, `a list of 3 items`, `nothing`. */
export function describeNode(node: TreeNode): string {
  if (node.kind === "sequence") return `a list of ${count(node.items.length, "item")}`;
  if (node.kind === "mapping") return `a map of ${count(node.entries.size, "key")}`;
  if (node.value === null) return node.text === "" ? "nothing" : `nothing (${node.text})`;
  if (typeof node.value === "number") return `the number ${shorten(node.text)}`;
  if (typeof node.value === "boolean") return `the truth value ${node.text}`;
  return `the text "${shorten(node.text)}"`;
}

function count(size: number, noun: string): string {
  return `${size} ${noun}${size === 1 ? "" : "s"}`;
}

/** One line of bounded length: messages quote values that may be whole scripts. */
export function shorten(text: string): string {
  const line = text.trimEnd().replaceAll(/\s*\n\s*/g, " ⏎ ");
  return line.length <= MAX_QUOTED ? line : `${line.slice(0, MAX_QUOTED).replace(/\p{Surrogate}$/u, "")}…`;
}
