/**
 * Writes what the browser's code knows of the API, from the committed document and the table of permissions. A test
 * fails when the committed file differs from what this script would write.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { webApiText, type Document } from "./web-api/web-api-text.ts";

const root = join(import.meta.dirname, "..");

/** Path from the root of the repository -> content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const document = JSON.parse(readFileSync(join(root, "docs/reference/openapi.json"), "utf8")) as Document;
  return new Map([["apps/web/src/api/generated/operations.ts", webApiText(document)]]);
}

if (import.meta.main) {
  for (const [path, content] of generatedFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}
