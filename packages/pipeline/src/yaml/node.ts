import type { Span } from "../diagnostics/span.ts";

/**
 * A YAML document as immutable data that remembers where each part stood. Aliases are replaced by the node their anchor
 * names, shared, so that a value's place is the place where it is written.
 */
export type TreeNode = ScalarNode | SequenceNode | MappingNode;

export interface ScalarNode {
  readonly kind: "scalar";
  /** As YAML 1.2's core schema reads it. */
  readonly value: string | number | boolean | null;
  /** The characters as they are written, without quotes and with escapes replaced: `1.10` stays "1.10". */
  readonly text: string;
  /** Only a plain scalar can be anything but text. */
  readonly style: "plain" | "quoted" | "block";
  readonly span: Span;
}

export interface SequenceNode {
  readonly kind: "sequence";
  readonly items: readonly TreeNode[];
  /** The same as plain JavaScript data. */
  readonly value: readonly unknown[];
  readonly span: Span;
}

export interface MappingNode {
  readonly kind: "mapping";
  /** In the order of the file, merged entries where their `<<` stands. */
  readonly entries: ReadonlyMap<string, MappingEntry>;
  /** The same as plain JavaScript data. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly span: Span;
}

export interface MappingEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: TreeNode;
}

/** A key or an index on the way from the root to a node. */
export type PathSegment = string | number;

/** The node a path leads to; undefined where it does not exist. */
export function nodeAt(root: TreeNode, path: readonly PathSegment[]): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const segment of path) {
    if (node === undefined) return undefined;
    if (node.kind === "mapping") node = node.entries.get(String(segment))?.value;
    else if (node.kind === "sequence") node = node.items[Number(segment)];
    else return undefined;
  }
  return node;
}

/** `["jobs", "build", "steps", 0]` -> `jobs.build.steps[0]`; keys that are no plain words stand in brackets and quotes. */
export function pathText(path: readonly PathSegment[]): string {
  let text = "";
  for (const segment of path) text = joinPath(text, segment);
  return text;
}

const PLAIN_KEY = /^[\w-]+$/;

/** One segment more at the end of a path. */
export function joinPath(path: string, segment: PathSegment): string {
  if (typeof segment === "number") return `${path}[${segment}]`;
  if (!PLAIN_KEY.test(segment)) return `${path}[${JSON.stringify(segment)}]`;
  return path === "" ? segment : `${path}.${segment}`;
}
