import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generatedFiles } from "./generate-web-api.ts";
import { typeText } from "./web-api/type-text.ts";

describe("generated files", () => {
  test.each([...generatedFiles()])("%s is what the script would write", (path, content) => {
    // If this fails, run `node script/generate-web-api.ts` and commit what it wrote.
    expect(readFileSync(join(import.meta.dirname, "..", path), "utf8")).toBe(content);
  });
});

test.each([
  [{ $ref: "#/components/schemas/Run" }, "Run"],
  [{ type: "string", enum: ["a", "b"] }, '"a" | "b"'],
  [{ anyOf: [{ type: "integer" }, { type: "null" }] }, "number | null"],
  [{ type: ["string", "null"] }, "string | null"],
  [{ type: "array", items: { anyOf: [{ type: "string" }, { type: "boolean" }] } }, "readonly (string | boolean)[]"],
  [{ type: "object", additionalProperties: { type: "string" } }, "Readonly<Record<string, string>>"],
  [
    { type: "object", properties: { a: { type: "string" }, "b-c": { type: "number" } }, required: ["a"] },
    '{\n  readonly a: string;\n  readonly "b-c"?: number | undefined;\n}',
  ],
  [{}, "unknown"],
])("%j is %s", (schema, text) => expect(typeText(schema, "")).toBe(text));
