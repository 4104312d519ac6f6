import type { DiagnosticCollector } from "../../diagnostics/diagnostic.ts";
import { readInputValue } from "../../inputs/input-values.ts";
import {
  INPUT_NAME_PATTERN,
  INPUT_TYPES,
  MAX_INPUT_OPTIONS,
  MAX_INPUTS,
  type InputValue,
  type PipelineInput,
} from "../../model/input.ts";
import type { Located } from "../../model/template.ts";
import { joinPath, type MappingNode } from "../../yaml/node.ts";
import { asMapping, characters, mappingAt, textAt, textsAt } from "../read-values.ts";

/** The inputs of a pipeline, in the order of the file. One in error is left out. */
export function readInputs(
  root: MappingNode,
  collector: DiagnosticCollector,
): ReadonlyMap<string, Located<PipelineInput>> {
  const inputs = new Map<string, Located<PipelineInput>>();
  const mapping = mappingAt(root, "inputs");
  const count = mapping?.entries.size ?? 0;
  if (count > MAX_INPUTS) {
    const place = { span: root.entries.get("inputs")?.keySpan ?? root.span, path: "inputs" };
    collector.report("PIPELINE_LIST_TOO_LONG", { field: "inputs", count, limit: MAX_INPUTS }, place);
  }
  for (const [name, entry] of [...(mapping?.entries ?? [])].slice(0, MAX_INPUTS)) {
    const path = joinPath("inputs", name);
    if (!INPUT_NAME_PATTERN.test(name)) {
      collector.report("PIPELINE_INPUT_NAME_INVALID", { name }, { span: entry.keySpan, path });
      continue;
    }
    const input = asMapping(entry.value);
    if (input !== null) inputs.set(name, { value: readInput(input, path, collector), span: entry.keySpan, path });
  }
  return inputs;
}

function readInput(mapping: MappingNode, path: string, collector: DiagnosticCollector): PipelineInput {
  const typeText = textAt(mapping, "type", path)?.value;
  const type = INPUT_TYPES.find((known) => known === typeText) ?? "string";
  const options = textsAt(mapping, "options", path)
    .slice(0, MAX_INPUT_OPTIONS)
    .map(({ value }) => value);
  const required = mapping.entries.get("required")?.value;
  const input: PipelineInput = {
    type,
    description: textAt(mapping, "description", path)?.value ?? "",
    required: required?.kind === "scalar" && required.value === true && !checkNoDefault(mapping, path, collector),
    default: null,
    options: type === "choice" ? options : [],
  };
  checkOptions(mapping, input, options, path, collector);
  return { ...input, default: readDefault(mapping, input, path, collector) };
}

/** @returns whether there is a default all the same */
function checkNoDefault(mapping: MappingNode, path: string, collector: DiagnosticCollector): boolean {
  const entry = mapping.entries.get("default");
  if (entry === undefined) return false;
  collector.report("PIPELINE_INPUT_DEFAULT_UNUSED", {}, { span: entry.keySpan, path: joinPath(path, "default") });
  return true;
}

function checkOptions(
  mapping: MappingNode,
  input: PipelineInput,
  options: readonly string[],
  path: string,
  collector: DiagnosticCollector,
): void {
  const entry = mapping.entries.get("options");
  const optionsPath = joinPath(path, "options");
  if (entry === undefined) {
    const span = mapping.entries.get("type")?.keySpan ?? mapping.span;
    if (input.type === "choice") collector.report("PIPELINE_INPUT_WITHOUT_OPTIONS", {}, { span, path: optionsPath });
    return;
  }
  const place = { span: entry.keySpan, path: optionsPath };
  if (input.type !== "choice") collector.report("PIPELINE_INPUT_OPTIONS_UNUSED", { type: input.type }, place);
  const count = entry.value.kind === "sequence" ? entry.value.items.length : 0;
  if (count > MAX_INPUT_OPTIONS) {
    collector.report("PIPELINE_LIST_TOO_LONG", { field: "options", count, limit: MAX_INPUT_OPTIONS }, place);
  }
  const twice = options.find((option, index) => options.indexOf(option) < index);
  if (twice !== undefined) collector.report("PIPELINE_INPUT_OPTION_TWICE", { option: twice }, place);
}

function readDefault(
  mapping: MappingNode,
  input: PipelineInput,
  path: string,
  collector: DiagnosticCollector,
): InputValue | null {
  const entry = mapping.entries.get("default");
  const written = entry === undefined ? null : characters(entry.value, joinPath(path, "default"));
  if (entry === undefined || written === null) return null;
  if (written.value.includes("${")) {
    collector.report(
      "PIPELINE_INPUT_DEFAULT_INVALID",
      { problem: "holds a variable, and none is replaced here" },
      written,
    );
    return null;
  }
  const read = readInputValue(input, written.value);
  if (read.problem !== null) collector.report("PIPELINE_INPUT_DEFAULT_INVALID", { problem: read.problem }, written);
  return read.value;
}
