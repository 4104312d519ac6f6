import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { ErrorCode, ErrorParameters } from "@waybill/core";
import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "../diagnostics/source-text.ts";
import type { Span } from "../diagnostics/span.ts";
import { describeNode } from "./describe-node.ts";
import { MAX_DEPTH, MAX_EXPANDED_SIZE } from "./limits.ts";
import { pathText, type MappingEntry, type PathSegment, type ScalarNode, type TreeNode } from "./node.ts";

/** What a value adds to the expanded size besides its characters. */
const COST_OF_A_VALUE = 16;

/** Anchor names listed where an alias has none. */
const MAX_LISTED_ANCHORS = 10;

/**
 * One pass over the library's document: resolves aliases and merge keys, and finds duplicate keys, unknown and recursive
 * aliases and keys that are no text.
 *
 * @param hasSyntaxErrors - the text has syntax errors: empty keys are their echo, and not reported
 * @returns null where the document cannot be relied on; the reasons are reported. Duplicate keys are reported too, but
 *   leave a usable tree in which the first of them counts.
 */
export function buildTree(
  document: Document.Parsed,
  source: SourceText,
  collector: DiagnosticCollector,
  hasSyntaxErrors: boolean,
): TreeNode | null {
  const builder = new TreeBuilder(source, collector, hasSyntaxErrors);
  const root = builder.build(document.contents, 0);
  return builder.broken ? null : root.node;
}

/** A node with what it costs when written out; kept beside the node, because only the builder needs it. */
interface Built {
  readonly node: TreeNode;
  readonly size: number;
  /** Levels of nesting below it. */
  readonly height: number;
}

class TreeBuilder {
  readonly #source: SourceText;
  readonly #collector: DiagnosticCollector;
  /** Null while the anchored value is still being built. */
  readonly #anchors = new Map<string, Built | null>();
  /** Where the builder is; written out only when there is something to report. */
  readonly #path: PathSegment[] = [];
  readonly #hasSyntaxErrors: boolean;
  #mergedEntries = 0;
  #tooBig = false;
  #broken = false;

  constructor(source: SourceText, collector: DiagnosticCollector, hasSyntaxErrors: boolean) {
    this.#hasSyntaxErrors = hasSyntaxErrors;
    this.#source = source;
    this.#collector = collector;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** @param emptyAt - offset of a value that is not written at all */
  build(source: unknown, emptyAt: number): Built {
    if (isAlias(source)) return this.#alias(source);
    if (!isScalar(source) && !isMap(source) && !isSeq(source)) return emptyScalar(emptyAt);
    if (source.anchor === undefined) return this.#content(source);
    this.#anchors.set(source.anchor, null);
    const built = this.#content(source);
    this.#anchors.set(source.anchor, built);
    return built;
  }

  #content(source: Scalar | YAMLMap | YAMLSeq): Built {
    if (isScalar(source)) return scalarOf(source);
    return isMap(source) ? this.#mapping(source) : this.#sequence(source);
  }

  #alias(alias: Alias): Built {
    const target = this.#anchors.get(alias.source);
    if (target !== undefined && target !== null) return target;
    const span = spanOf(alias);
    if (target === null) {
      this.#refuse("YAML_RECURSIVE_ALIAS", { name: alias.source }, span);
    } else {
      const known = [...this.#anchors.keys()].slice(-MAX_LISTED_ANCHORS).map((name) => `&${name}`);
      this.#refuse("YAML_UNKNOWN_ALIAS", { name: alias.source, known: known.join(", ") || "none" }, span);
    }
    return emptyScalar(span.start);
  }

  #sequence(source: YAMLSeq): Built {
    const span = spanOf(source);
    const items: TreeNode[] = [];
    const value: unknown[] = [];
    let size = COST_OF_A_VALUE;
    let height = 0;
    const depth = this.#path.length;
    for (const item of source.items) {
      this.#path[depth] = items.length;
      const built = this.build(item, span.start);
      items.push(built.node);
      value.push(built.node.value);
      size += built.size;
      height = Math.max(height, built.height);
    }
    this.#path.length = depth;
    this.#checkSize(size, height, span);
    return { node: { kind: "sequence", items, value, span }, size, height: height + 1 };
  }

  #mapping(source: YAMLMap): Built {
    const span = spanOf(source);
    const entries = new Map<string, MappingEntry>();
    const merged = new Set<string>();
    let size = COST_OF_A_VALUE;
    let height = 0;
    const depth = this.#path.length;
    for (const pair of source.items) {
      const key = this.#key(pair.key, span);
      if (key === null) continue;
      this.#path[depth] = key.text;
      const built = this.build(pair.value, key.span.end);
      size += built.size + key.text.length;
      height = Math.max(height, built.height);
      if (key.text === "<<" && key.style === "plain") this.#merge(built.node, entries, merged);
      else this.#add({ key: key.text, keySpan: key.span, value: built.node }, entries, merged);
      this.#path.length = depth;
    }
    this.#checkSize(size, height, span);
    return { node: { kind: "mapping", entries, value: plainObject(entries), span }, size, height: height + 1 };
  }

  #key(source: unknown, parent: Span): ScalarNode | null {
    const { node } = this.build(source, parent.start);
    if (node.kind === "scalar" && node.value !== null) return node;
    if (!this.#hasSyntaxErrors) this.#refuse("YAML_KEY_NOT_TEXT", { actual: describeNode(node) }, node.span);
    return null;
  }

  #add(entry: MappingEntry, entries: Map<string, MappingEntry>, merged: Set<string>): void {
    const earlier = entries.get(entry.key);
    if (earlier === undefined || merged.delete(entry.key)) {
      entries.set(entry.key, entry);
      return;
    }
    const { line, column } = this.#source.positionAt(earlier.keySpan.start);
    const place = { span: entry.keySpan, path: pathText(this.#path) };
    this.#collector.report("YAML_DUPLICATE_KEY", { key: entry.key, line, column }, place);
  }

  /** Explicit keys win over merged ones wherever they stand; of several merged maps, the first wins. */
  #merge(value: TreeNode, entries: Map<string, MappingEntry>, merged: Set<string>): void {
    for (const map of value.kind === "sequence" ? value.items : [value]) {
      if (map.kind !== "mapping") {
        // A wrong alias stands for an empty value and has been reported already.
        if (!this.#broken) this.#refuse("YAML_BAD_MERGE", { actual: describeNode(map) }, map.span);
        continue;
      }
      this.#mergedEntries += map.entries.size;
      this.#checkSize(this.#mergedEntries * COST_OF_A_VALUE, 0, map.span);
      if (this.#tooBig) return;
      for (const [key, entry] of map.entries) {
        if (entries.has(key)) continue;
        entries.set(key, entry);
        merged.add(key);
      }
    }
  }

  #checkSize(size: number, height: number, span: Span): void {
    if (this.#tooBig || (size <= MAX_EXPANDED_SIZE && height < MAX_DEPTH)) return;
    this.#tooBig = true;
    if (size > MAX_EXPANDED_SIZE) this.#refuse("YAML_ALIAS_EXPANSION", { limit: MAX_EXPANDED_SIZE }, span);
    else this.#refuse("YAML_TOO_DEEP", { limit: MAX_DEPTH }, span);
  }

  #refuse<Code extends ErrorCode>(code: Code, parameters: ErrorParameters<Code>, span: Span): void {
    this.#broken = true;
    this.#collector.report(code, parameters, { span, path: pathText(this.#path) });
  }
}

function scalarOf(source: Scalar): Built {
  const style = styleOf(source.type);
  const text = style === "plain" ? (source.source ?? "") : String(source.value);
  const node: ScalarNode = { kind: "scalar", value: valueOf(source.value, text), text, style, span: spanOf(source) };
  return { node, size: COST_OF_A_VALUE + text.length, height: 0 };
}

function emptyScalar(at: number): Built {
  const span = { start: at, end: at };
  return {
    node: { kind: "scalar", value: null, text: "", style: "plain", span },
    size: COST_OF_A_VALUE,
    height: 0,
  };
}

function styleOf(type: string | null | undefined): ScalarNode["style"] {
  if (type === "PLAIN" || type === null || type === undefined) return "plain";
  return type.startsWith("QUOTE") ? "quoted" : "block";
}

function valueOf(value: unknown, text: string): ScalarNode["value"] {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  // Infinity and "not a number" are no values of any field, and no JSON either.
  return Number.isFinite(value) ? (value as number) : text;
}

function plainObject(entries: ReadonlyMap<string, MappingEntry>): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [key, entry] of entries) {
    // Assigning this one would set the object's prototype.
    if (key === "__proto__") Object.defineProperty(value, key, { value: entry.value.value, enumerable: true });
    else value[key] = entry.value.value;
  }
  return value;
}

function spanOf(node: Scalar | YAMLMap | YAMLSeq | Alias): Span {
  const range = node.range ?? [0, 0];
  return { start: range[0], end: range[1] };
}
