import { describe, expect, test } from "vitest";
import { readSource } from "../source/read-source.ts";
import { MAX_DEPTH } from "./limits.ts";
import type { MappingNode, TreeNode } from "./node.ts";
import { nodeAt } from "./node.ts";
import { readYaml } from "./read-yaml.ts";

interface Read {
  readonly tree: TreeNode | null;
  /** `CODE line:column` */
  readonly errors: readonly string[];
  readonly messages: readonly string[];
  lineOf(...path: readonly (string | number)[]): number | undefined;
}

function read(text: string): Read {
  const { source, collector } = readSource(text, "waybill.yaml");
  const tree = readYaml(source, collector);
  return {
    tree,
    errors: collector.errors().map((error) => `${error.code} ${error.line}:${error.column}`),
    messages: collector.errors().map((error) => error.message),
    lineOf(...path) {
      const node = tree === null ? undefined : nodeAt(tree, path);
      return node === undefined ? undefined : source.positionAt(node.span.start).line;
    },
  };
}

function valueOf(text: string): unknown {
  const result = read(text);
  expect(result.errors).toEqual([]);
  return result.tree?.value;
}

describe("YAML parsing", () => {
  test("reads nested maps and lists", () => {
    expect(valueOf("a:\n  b: [1, {c: d}]\n")).toEqual({ a: { b: [1, { c: "d" }] } });
  });

  test("keeps the line breaks and indentation of a literal text block", () => {
    expect(valueOf("a: |\n  one\n    two\n\n  three\n")).toEqual({ a: "one\n  two\n\nthree\n" });
  });

  test("folds the lines of a folded text block", () => {
    expect(valueOf("a: >-\n  one\n  two\n")).toEqual({ a: "one two" });
  });

  test("reads the same text from Windows line endings", () => {
    expect(valueOf("a: |\r\n  one\r\n  two\r\nb: 1\r\n")).toEqual({ a: "one\ntwo\n", b: 1 });
  });

  test("does not let comments shift places", () => {
    expect(read("# one\na: 1 # two\n\n# three\nb: 2\n").lineOf("b")).toBe(5);
  });

  test("takes only true and false for truth values", () => {
    expect(valueOf("[true, False, yes, no, on, off, y]")).toEqual([true, false, "yes", "no", "on", "off", "y"]);
  });

  test("reads YAML 1.2 also where the file says 1.1", () => {
    expect(valueOf("%YAML 1.1\n---\na: yes\nb: 0777\n")).toEqual({ a: "yes", b: 777 });
  });

  test("keeps the characters a number is written with", () => {
    const tree = read("a: 1.10\nb: 0x10\nc: 1e3\nd: ~\n").tree as MappingNode;
    expect([...tree.entries.values()].map((entry) => entry.value.kind === "scalar" && entry.value.text)).toEqual([
      ...["1.10", "0x10", "1e3", "~"],
    ]);
    expect(tree.value).toEqual({ a: 1.1, b: 16, c: 1000, d: null });
  });

  test("takes numbers and truth values as keys by their characters", () => {
    expect(valueOf("1.10: a\ntrue: b\n")).toEqual({ "1.10": "a", true: "b" });
  });

  test("puts an alias in the place of its anchor's value, at the anchor's place", () => {
    const result = read("a: &x\n  k: 1\nb: *x\n");
    expect(result.tree?.value).toEqual({ a: { k: 1 }, b: { k: 1 } });
    expect(result.lineOf("b", "k")).toBe(2);
  });

  test("uses the latest definition of an anchor", () => {
    expect(valueOf("[&x 1, *x, &x 2, *x]")).toEqual([1, 1, 2, 2]);
  });

  test("merges a map, with explicit keys winning wherever they stand", () => {
    expect(valueOf("a: &a {x: 1, y: 1}\nb: {y: 2, <<: *a, x: 3}\n")).toMatchObject({ b: { x: 3, y: 2 } });
  });

  test("merges several maps, the first winning", () => {
    expect(valueOf("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n")).toMatchObject({ c: { x: 1, y: 2 } });
  });

  test("keeps the place of merged values where they are written", () => {
    expect(read("a: &a\n  x: 1\nb:\n  <<: *a\n").lineOf("b", "x")).toBe(2);
  });

  test("takes a quoted << for an ordinary key", () => {
    expect(valueOf("'<<': 1")).toEqual({ "<<": 1 });
  });

  test("keeps a key that objects have by nature an ordinary key", () => {
    const tree = read("__proto__: {a: 1}\nconstructor: 2\n").tree;
    expect(Object.keys(tree?.value as object)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(tree?.value)).toBe(Object.prototype);
  });

  test("accepts a closing bracket in the column of its key", () => {
    expect(valueOf("a:\n  b: [\n    1,\n  ]\n")).toEqual({ a: { b: [1] } });
  });

  test("reports every duplicate key with both places, and reads the first", () => {
    const result = read("a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n");
    expect(result.errors).toEqual(["YAML_DUPLICATE_KEY 2:11", "YAML_DUPLICATE_KEY 3:1", "YAML_DUPLICATE_KEY 4:1"]);
    expect(result.messages[1]).toContain("line 1, column 1");
    expect(result.tree?.value).toEqual({ a: 1, b: { c: 1 } });
  });

  test("reports every further document with the line it starts on", () => {
    const result = read("a: 1\n---\nb: 2\n---\nc: 3\n");
    expect(result.errors).toEqual(["YAML_SEVERAL_DOCUMENTS 3:1", "YAML_SEVERAL_DOCUMENTS 5:1"]);
  });

  test("names an unknown alias and the anchors there are", () => {
    const result = read("a: &known 1\nb: *unknwon\n");
    expect(result.errors).toEqual(["YAML_UNKNOWN_ALIAS 2:4"]);
    expect(result.messages[0]).toContain("*unknwon");
  });

  test("refuses a value that contains itself", () => {
    expect(read("a: &a\n  b: [1, *a]\n").errors).toEqual(["YAML_RECURSIVE_ALIAS 2:10"]);
  });

  test("points at the quote and the bracket that are not closed, not at the end of the file", () => {
    expect(read('a: 1\nb: "open\n\nc: 2\n').errors).toEqual(["YAML_UNCLOSED_QUOTE 2:4"]);
    expect(read("a: 1\nb: [x, y\nc: 2\n").errors).toEqual(["YAML_UNCLOSED_BRACKET 2:4"]);
    expect(read("a: {x: [1, 2}\n").errors[0]).toMatch(/^YAML_UNCLOSED_BRACKET 1:/);
  });

  test("reports a tab in the indentation wherever the library stumbles over it", () => {
    expect(read("a:\n\tb: 1\n").errors).toEqual(["YAML_TAB_INDENT 2:1"]);
    expect(read("a:\n  b: |\n    x\n\ty\n").errors).toEqual(["YAML_TAB_INDENT 4:1"]);
  });

  test("reports all syntax errors of a file in one pass", () => {
    const result = read("a: @x\nb: 'it''s' here\nc: *nowhere\nd: !custom 1\n");
    expect(result.errors).toEqual([
      ...["YAML_RESERVED_START 1:4", "YAML_UNEXPECTED 2:12", "YAML_UNKNOWN_ALIAS 3:4", "YAML_TAG 4:4"],
    ]);
    expect(result.tree).toBeNull();
  });

  test("says that a file of comments is empty", () => {
    expect(read("# nothing\n").errors).toEqual(["YAML_EMPTY 0:0"]);
    expect(read("").errors).toEqual(["YAML_EMPTY 0:0"]);
    expect(read("---\n...\n").errors).toEqual(["YAML_EMPTY 0:0"]);
  });

  test.each([
    ["brackets", "[".repeat(100_000)],
    ["dashes", "- ".repeat(100_000)],
    ["keys on one line", "a: ".repeat(50_000)],
    ["braces", "{a: ".repeat(50_000)],
    ["question marks", "? ".repeat(50_000)],
    ["indented keys", Array.from({ length: 2_000 }, (_, level) => `${" ".repeat(level)}a:`).join("\n")],
  ])("refuses deep nesting of %s without exhausting the stack", (_, text) => {
    expect(read(text).errors).toEqual([expect.stringMatching(/^YAML_TOO_DEEP /)]);
  });

  test("accepts nesting up to the limit", () => {
    const levels = MAX_DEPTH - 5;
    expect(read("[".repeat(levels) + "]".repeat(levels)).errors).toEqual([]);
  });

  test("refuses nesting that aliases build up", () => {
    const lines = Array.from(
      { length: 300 },
      (_, level) => `a${level}: &a${level} [${level === 0 ? "1" : `*a${level - 1}`}]`,
    );
    expect(read(lines.join("\n")).errors).toEqual([expect.stringMatching(/^YAML_TOO_DEEP /)]);
  });

  test("refuses aliases that multiply", () => {
    const lines = Array.from({ length: 30 }, (_, level) => {
      const item = level === 0 ? "x" : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array.from({ length: 10 }, () => item).join(", ")}]`;
    });
    expect(read(lines.join("\n")).errors).toEqual([expect.stringMatching(/^YAML_ALIAS_EXPANSION /)]);
  });

  test("refuses merges that multiply work without adding keys", () => {
    const keys = Array.from({ length: 5_000 }, (_, index) => `k${index}: 1`).join(", ");
    const text = `a: &a {${keys}}\nb: {<<: [${Array.from({ length: 5_000 }, () => "*a").join(", ")}]}\n`;
    expect(read(text).errors).toEqual([expect.stringMatching(/^YAML_ALIAS_EXPANSION /)]);
  });

  test("shares a long aliased text instead of copying it", () => {
    const text = `a: &a '${"x".repeat(100_000)}'\nb: [${Array.from({ length: 500 }, () => "*a").join(", ")}]\n`;
    expect(read(text).errors).toEqual([]);
  });

  test("stops at a number of words that would take gigabytes", { timeout: 60_000 }, () => {
    expect(read(`[${"1,".repeat(1_100_000)}]`).errors).toEqual([expect.stringMatching(/^YAML_TOO_MANY_TOKENS /)]);
  });

  test("stops at a text full of bad escapes", () => {
    const { errors } = read(`a: "${"\\q".repeat(500_000)}"`);
    expect(errors).toEqual([expect.stringMatching(/^YAML_BAD_ESCAPE /)]);
  });

  test("reports a bounded number of documents", () => {
    expect(read("---\na: 1\n".repeat(5_000)).errors).toHaveLength(20);
  });
});
