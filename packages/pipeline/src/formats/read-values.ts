import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import { environmentNameProblem } from "@waybill/core";
import { imageReferenceProblem } from "./image-reference.ts";
import { joinPath, type MappingNode, type TreeNode } from "../yaml/node.ts";
import type { ArtifactsTemplate, ArtifactTemplate, EnvironmentTemplate, Located } from "../model/template.ts";

/**
 * Readers of single values. The schema has reported what is wrong by now, so a value of the wrong type is left out in
 * silence: the rest of the file is still read, and checked by the phases that follow.
 */

export function mappingAt(parent: MappingNode | null, key: string): MappingNode | null {
  return asMapping(parent?.entries.get(key)?.value);
}

export function asMapping(node: TreeNode | undefined): MappingNode | null {
  return node?.kind === "mapping" ? node : null;
}

export function itemsAt(parent: MappingNode | null, key: string): readonly TreeNode[] {
  const node = parent?.entries.get(key)?.value;
  return node?.kind === "sequence" ? node.items : [];
}

/** Text that is not blank. */
export function textAt(parent: MappingNode, key: string, path: string): Located<string> | null {
  const node = parent.entries.get(key)?.value;
  if (node?.kind !== "scalar" || typeof node.value !== "string" || node.text.trim() === "") return null;
  return { value: node.value, span: node.span, path: joinPath(path, key) };
}

export function numberAt(parent: MappingNode, key: string, path: string): Located<number | string> | null {
  const node = parent.entries.get(key)?.value;
  if (node?.kind !== "scalar" || (typeof node.value !== "number" && typeof node.value !== "string")) return null;
  if (typeof node.value === "string" && !node.value.includes("${")) return null;
  return { value: node.value, span: node.span, path: joinPath(path, key) };
}

export function booleanAt(parent: MappingNode, key: string, path: string): Located<boolean | string> | null {
  const node = parent.entries.get(key)?.value;
  if (node?.kind !== "scalar" || (typeof node.value !== "boolean" && typeof node.value !== "string")) return null;
  if (typeof node.value === "string" && !node.value.includes("${")) return null;
  return { value: node.value, span: node.span, path: joinPath(path, key) };
}

/** The characters of a scalar, whatever YAML makes of them. */
export function characters(node: TreeNode, path: string): Located<string> | null {
  if (node.kind !== "scalar" || node.value === null) return null;
  return { value: node.text, span: node.span, path };
}

export function textsAt(parent: MappingNode, key: string, path: string): readonly Located<string>[] {
  const list: Located<string>[] = [];
  const items = itemsAt(parent, key);
  const base = joinPath(path, key);
  for (const [index, item] of items.entries()) {
    const text = characters(item, joinPath(base, index));
    if (text !== null) list.push(text);
  }
  return list;
}

/** Dotted names can be referred to as `${build.number}`; shells cannot read them, but programs can. */
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

export function environmentAt(
  parent: MappingNode,
  key: string,
  path: string,
  collector: DiagnosticCollector,
): EnvironmentTemplate {
  const environment = new Map<string, Located<string>>();
  const mapping = mappingAt(parent, key);
  if (mapping === null) return environment;
  const base = joinPath(path, key);
  for (const [name, entry] of mapping.entries) {
    const entryPath = joinPath(base, name);
    if (!ENVIRONMENT_NAME.test(name) || name === "__proto__") {
      collector.report("PIPELINE_ENVIRONMENT_NAME_INVALID", { name }, { span: entry.keySpan, path: entryPath });
      continue;
    }
    const value = characters(entry.value, entryPath);
    if (value !== null) environment.set(name, value);
  }
  return environment;
}

/** Becomes part of file names, so no separators and no leading dot. */
const ARTIFACT_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$/;

/** @returns null where the field is not written */
export function artifactsAt(
  parent: MappingNode,
  key: string,
  path: string,
  collector: DiagnosticCollector,
): ArtifactsTemplate | null {
  const mapping = mappingAt(parent, key);
  if (mapping === null) return null;
  const artifacts = new Map<string, ArtifactTemplate>();
  const base = joinPath(path, key);
  for (const [name, entry] of mapping.entries) {
    const entryPath = joinPath(base, name);
    if (!ARTIFACT_NAME.test(name)) {
      collector.report("PIPELINE_ARTIFACT_NAME_INVALID", { name }, { span: entry.keySpan, path: entryPath });
      continue;
    }
    const full = asMapping(entry.value);
    const paths = full === null ? pathsAt(mapping, name, base) : pathsAt(full, "paths", entryPath);
    for (const artifactPath of paths) checkArtifactPath(artifactPath, collector);
    const optional = full === null ? null : booleanAt(full, "optional", entryPath);
    if (paths.length > 0) artifacts.set(name, { paths, optional });
  }
  return artifacts;
}

/** One path, or a list of them. */
function pathsAt(parent: MappingNode, key: string, path: string): readonly Located<string>[] {
  const node = parent.entries.get(key)?.value;
  if (node?.kind === "sequence") return textsAt(parent, key, path);
  const single = node === undefined ? null : characters(node, joinPath(path, key));
  return single === null ? [] : [single];
}

/** Only what can be seen before variables are known; the artifact store checks what is really there. */
export function checkArtifactPath(path: Located<string>, collector: DiagnosticCollector): void {
  const leavesWorkspace = /^[/\\~]|^[A-Za-z]:[\\/]/.test(path.value) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path.value);
  if (leavesWorkspace && !path.value.includes("${")) {
    collector.report("PIPELINE_ARTIFACT_PATH_OUTSIDE", { path: path.value }, { span: path.span, path: path.path });
  }
}

/** The grammar only, and only where no variable is in it; nothing is pulled. */
export function checkImage(image: Located<string> | null, collector: DiagnosticCollector): void {
  if (image === null || image.value.includes("${")) return;
  const problem = imageReferenceProblem(image.value);
  if (problem !== null) collector.report("PIPELINE_IMAGE_INVALID", { image: image.value, problem }, image);
}

/** Only where no variable is in it. */
export function checkEnvironmentName(name: Located<string>, collector: DiagnosticCollector): void {
  if (name.value.includes("${")) return;
  const problem = environmentNameProblem(name.value);
  if (problem !== null) {
    collector.report("PIPELINE_DEPLOYS_TO_INVALID", { name: name.value, problem }, name);
  }
}
