import * as z from "zod/mini";
import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/span.ts";
import { describeNode } from "../yaml/describe-node.ts";
import { nodeAt, pathText, type MappingNode, type PathSegment, type TreeNode } from "../yaml/node.ts";
import { correctionFor, spellingCorrection } from "./corrections.ts";
import { fieldRegistry, type FieldMeta } from "./field.ts";

/** Issues turned into messages; the collector keeps fewer. */
const MAX_ISSUES = 1000;

const DEFAULT_HELP = "pipeline-syntax.md#the-file";

type Issue = z.core.$ZodIssue;

/**
 * Checks a located tree against a format's schema and reports every difference with its place, what was expected, what
 * was found and a correction. What differs is left for the reader to skip.
 */
export function checkSchema(schema: z.core.$ZodType, tree: TreeNode, collector: DiagnosticCollector): void {
  const reporter = new SchemaReporter(schema, tree, collector);
  let issues: readonly Issue[];
  try {
    issues = z.safeParse(schema, tree.value).error?.issues ?? [];
  } catch (error) {
    // The library gathers issues as function arguments, and past about 100,000 the stack is full.
    if (!(error instanceof RangeError)) throw error;
    collector.report("PIPELINE_TOO_MANY_PROBLEMS", {}, { span: null, path: "" });
    return;
  }
  for (const issue of issues.slice(0, MAX_ISSUES)) reporter.report(issue, []);
}

class SchemaReporter {
  readonly #schema: z.core.$ZodType;
  readonly #tree: TreeNode;
  readonly #collector: DiagnosticCollector;

  constructor(schema: z.core.$ZodType, tree: TreeNode, collector: DiagnosticCollector) {
    this.#schema = schema;
    this.#tree = tree;
    this.#collector = collector;
  }

  report(issue: Issue, prefix: readonly PathSegment[]): void {
    const path = [...prefix, ...(issue.path as PathSegment[])];
    const node = nodeAt(this.#tree, path);
    if (issue.code === "unrecognized_keys") {
      if (node?.kind === "mapping") this.#unknownKeys(issue.keys, node, path);
    } else if (node === undefined) {
      this.#missing(path, issue.message);
    } else if (issue.code === "invalid_union" && node.kind !== "scalar") {
      this.#union(issue, node, path);
    } else {
      this.#wrong(issue, node, path);
    }
  }

  /** Of several allowed shapes, the one that the value has says best what is wrong with it. */
  #union(issue: Extract<Issue, { code: "invalid_union" }>, node: TreeNode, path: readonly PathSegment[]): void {
    const inside = issue.errors.filter((errors) => errors.some((error) => error.path.length > 0));
    const [branch] = inside;
    if (branch === undefined || inside.length > 1) return this.#wrong(issue, node, path);
    for (const error of branch) this.report(error, path);
  }

  #unknownKeys(keys: readonly string[], node: MappingNode, path: readonly PathSegment[]): void {
    const schema = mapIn(schemaAt(this.#schema, path));
    const meta = metaOf(schema);
    const known = Object.keys(shapeOf(schema) ?? {});
    const owner = meta?.keys?.owner ?? "this map";
    for (const key of keys.slice(0, MAX_ISSUES)) {
      if (meta?.keys?.freePrefixes?.some((prefix) => key.startsWith(prefix)) === true) continue;
      const place = { span: node.entries.get(key)?.keySpan ?? node.span, path: pathText([...path, key]) };
      if (meta?.keys?.reserved?.includes(key) === true) {
        this.#collector.report("PIPELINE_NOT_SUPPORTED_YET", { key, owner }, place);
        continue;
      }
      const correction = spellingCorrection(key, known, meta?.keys?.familiar ?? {});
      this.#collector.report(
        "PIPELINE_UNKNOWN_KEY",
        { key, owner, known: known.join(", ") },
        { ...place, ...(correction === null ? {} : { suggestion: correction }), ...help(meta) },
      );
    }
  }

  #missing(path: readonly PathSegment[], expected: string): void {
    const owner = path.slice(0, -1);
    const field = String(path.at(-1));
    const parent = nodeAt(this.#tree, owner);
    const meta = metaOf(mapIn(schemaAt(this.#schema, owner)));
    this.#collector.report(
      "PIPELINE_MISSING_FIELD",
      { field, expected },
      { span: this.#spanOf(owner, parent), path: pathText(path), ...help(meta) },
    );
  }

  #wrong(issue: Issue, node: TreeNode, path: readonly PathSegment[]): void {
    const meta = this.#nearestMeta(path);
    const expected = issue.message;
    const span = this.#spanOf(path, node);
    const place = { span, path: pathText(path), ...help(meta) };
    if (path.length === 0 && node.kind !== "mapping") {
      const required = requiredKeys(this.#schema).join(", ");
      return this.#collector.report("PIPELINE_NOT_A_MAP", { required, actual: describeNode(node) }, place);
    }
    const own = metaOf(schemaAt(this.#schema, path));
    if (node.kind === "mapping" && own?.insteadOfMap !== undefined) {
      const owner = metaOf(schemaAt(this.#schema, path.slice(0, -1)))?.keys?.owner ?? "this map";
      const parameters = { key: String(path.at(-1)), owner };
      const reserved = { span, path: place.path, suggestion: own.insteadOfMap };
      return this.#collector.report("PIPELINE_NOT_SUPPORTED_YET", parameters, reserved);
    }
    if (isEmpty(node)) {
      const whenEmpty = own?.whenEmpty;
      if (whenEmpty !== undefined) return this.#collector.report(whenEmpty, {}, { span, path: place.path });
      if (node.kind === "scalar" && node.value !== null) {
        return this.#collector.report("PIPELINE_EMPTY_TEXT", { field: fieldName(path) }, place);
      }
    }
    const parameters = { field: fieldName(path), expected, actual: describeNode(node) };
    if (isOutOfRange(issue, node)) {
      return this.#collector.report("PIPELINE_OUT_OF_RANGE", parameters, place);
    }
    const isText = node.kind === "scalar" && typeof node.value === "string";
    const instead = isText ? own?.insteadOfText : undefined;
    const suggestion =
      instead ?? correctionFor(node, expected, String(path.findLast((segment) => typeof segment === "string")));
    const code =
      node.kind === "scalar" && /^a list\b/.test(expected) ? "PIPELINE_LIST_EXPECTED" : "PIPELINE_WRONG_TYPE";
    this.#collector.report(code, parameters, { ...place, ...(suggestion === null ? {} : { suggestion }) });
  }

  /** A map or list is underlined at the key that holds it: its own place is its first line. */
  #spanOf(path: readonly PathSegment[], node: TreeNode | undefined): Span {
    const isWritten = node !== undefined && node.span.end > node.span.start;
    if (node?.kind === "scalar" && isWritten) return node.span;
    const key = path.at(-1);
    if (typeof key === "string") {
      const parent = nodeAt(this.#tree, path.slice(0, -1));
      const entry = parent?.kind === "mapping" ? parent.entries.get(key) : undefined;
      if (entry !== undefined) return entry.keySpan;
    }
    return node?.span ?? this.#tree.span;
  }

  #nearestMeta(path: readonly PathSegment[]): FieldMeta | undefined {
    for (let length = path.length; length >= 0; length -= 1) {
      const meta = metaOf(schemaAt(this.#schema, path.slice(0, length)));
      if (meta?.help !== undefined) return meta;
    }
    return undefined;
  }
}

/** The part of a schema that a path leads to, without wrappers such as `optional`. */
export function schemaAt(schema: z.core.$ZodType, path: readonly PathSegment[]): z.core.$ZodType | undefined {
  let current: z.core.$ZodType | undefined = unwrap(schema);
  for (const segment of path) {
    if (current === undefined) return undefined;
    current = unwrap(childOf(current, segment));
  }
  return current;
}

/** Where a value may be a map with certain keys or something else, what is said about the map. */
function mapIn(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema === undefined) return undefined;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === "union" ? def.options.find((option) => shapeOf(option) !== undefined) : schema;
}

function childOf(schema: z.core.$ZodType, segment: PathSegment): z.core.$ZodType | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return Object.hasOwn(def.shape, segment) ? def.shape[segment] : undefined;
    case "record":
      return def.valueType;
    case "array":
      return def.element;
    case "union":
      for (const option of def.options) {
        const child = childOf(option, segment);
        if (child !== undefined) return child;
      }
      return undefined;
    default:
      return undefined;
  }
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema === undefined) return undefined;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === "optional" ? unwrap(def.innerType) : schema;
}

export function shapeOf(schema: z.core.$ZodType | undefined): Readonly<Record<string, z.core.$ZodType>> | undefined {
  if (schema === undefined) return undefined;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === "object" ? def.shape : undefined;
}

export function metaOf(schema: z.core.$ZodType | undefined): FieldMeta | undefined {
  return schema === undefined ? undefined : fieldRegistry.get(schema);
}

function requiredKeys(schema: z.core.$ZodType): string[] {
  return Object.entries(shapeOf(schema) ?? {})
    .filter(([, value]) => (value as z.core.$ZodTypes)._zod.def.type !== "optional")
    .map(([key]) => key);
}

function help(meta: FieldMeta | undefined): { help: string } {
  return { help: meta?.help ?? DEFAULT_HELP };
}

/** The key a value belongs to, with its place in a list: `script[1]`. */
function fieldName(path: readonly PathSegment[]): string {
  const last = path.findLastIndex((segment) => typeof segment === "string");
  return pathText(path.slice(Math.max(last, 0)));
}

function isEmpty(node: TreeNode): boolean {
  if (node.kind === "sequence") return node.items.length === 0;
  if (node.kind === "mapping") return node.entries.size === 0;
  return node.value === null || node.text.trim() === "";
}

function isOutOfRange(issue: Issue, node: TreeNode): boolean {
  if (node.kind !== "scalar" || typeof node.value !== "number") return false;
  return issue.code === "too_big" || issue.code === "too_small";
}
