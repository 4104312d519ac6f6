import { expect, test } from "vitest";
import { metaOf, schemaAt } from "./check-schema.ts";
import { field, text } from "./field.ts";
import { pipelineSchema } from "./waybill/schema.ts";

test("a schema is the schema of one field only", () => {
  const shared = text();
  field(shared, { description: "The first." });
  expect(() => field(shared, { description: "The second." })).toThrow("The second.");
});

test("fields of the same shape have descriptions of their own", () => {
  const paths = [["global_env"], ["jobs", "any", "environment"], ["jobs", "any", "steps", 0, "environment"]];
  const descriptions = paths.map((path) => metaOf(schemaAt(pipelineSchema, path))?.description);
  expect(new Set(descriptions).size).toBe(paths.length);
});
