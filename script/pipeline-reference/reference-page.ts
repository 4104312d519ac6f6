import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorRegistry } from "@waybill/core";
import { metaOf, schemaAt, shapeOf } from "@waybill/pipeline/schema";
import { pipelineSchema } from "@waybill/pipeline/schema";

const TEMPLATE = join(import.meta.dirname, "pipeline-syntax.template.md");

/** Paths in a pipeline that lead to the schema of a map, by the name the template uses. */
const TABLES: Readonly<Record<string, readonly (string | number)[]>> = {
  pipeline: [],
  job: ["jobs", "any"],
  step: ["jobs", "any", "steps", 0],
  retry_policy: ["retry_policy"],
  retry: ["jobs", "any", "retry"],
  backoff: ["jobs", "any", "retry", "backoff"],
  resources: ["jobs", "any", "resources"],
  isolation: ["jobs", "any", "isolation"],
  trigger: ["triggers", 0],
  schedule: ["schedule", 0],
  input: ["inputs", "any"],
  concurrency: ["concurrency"],
};

/** The reference of the pipeline language: prose from the template, tables and lists from schema and error registry. */
export function referencePageText(): string {
  const template = readFileSync(TEMPLATE, "utf8");
  return template.replaceAll(/^<<(\w+) ([\w-]+)>>$/gm, (_, kind: string, name: string) => {
    if (kind === "fields") return fieldTable(name);
    if (kind === "reserved") return reservedList(name);
    if (kind === "errors") return errorList(name);
    throw new Error(`the template asks for an unknown part: ${kind}`);
  });
}

function fieldTable(name: string): string {
  const schema = schemaAt(pipelineSchema, TABLES[name] ?? []);
  const rows = Object.keys(shapeOf(schema) ?? {}).map((key) => {
    const child = schemaAt(pipelineSchema, [...(TABLES[name] ?? []), key]);
    const meta = metaOf(child);
    const required = requiredKeys(name).includes(key) ? "required" : (defaultText(meta?.default) ?? "");
    return [`\`${key}\``, meta?.type ?? "", required, meta?.description ?? ""];
  });
  return table(["field", "value", "default", "meaning"], rows);
}

function requiredKeys(name: string): readonly string[] {
  const shape = shapeOf(schemaAt(pipelineSchema, TABLES[name] ?? [])) ?? {};
  return Object.entries(shape)
    .filter(([, schema]) => schema._zod.optin !== "optional")
    .map(([key]) => key);
}

function defaultText(value: unknown): string | undefined {
  return value === undefined ? undefined : `\`${JSON.stringify(value)}\``;
}

function reservedList(name: string): string {
  const reserved = metaOf(schemaAt(pipelineSchema, TABLES[name] ?? []))?.keys?.reserved ?? [];
  return reserved.map((key) => `\`${key}\``).join(", ");
}

/** Codes whose help points at an anchor of this page. */
function errorList(anchor: string): string {
  const rows = Object.entries(errorRegistry)
    .filter(([, definition]) => definition.help === `pipeline-syntax.md#${anchor}`)
    .map(([code, definition]) => [`\`${code}\``, definition.title]);
  return table(["code", "meaning"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
