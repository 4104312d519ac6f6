/**
 * Writes what is generated from the schema of `waybill.yaml`: the JSON Schema that editors use, and the reference page.
 * A test fails when the committed files differ from what this script would write.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { jsonSchemaText } from "./pipeline-reference/json-schema.ts";
import { referencePageText } from "./pipeline-reference/reference-page.ts";

const root = join(import.meta.dirname, "..");

/** Path from the root of the repository -> content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["schema/waybill.schema.json", jsonSchemaText()],
    ["docs/reference/pipeline-syntax.md", referencePageText()],
  ]);
}

if (import.meta.main) {
  for (const [path, content] of generatedFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}
