import * as z from "zod/mini";
import { fieldRegistry, pipelineSchema } from "@waybill/pipeline/schema";

/** The published JSON Schema (draft 2020-12) of `waybill.yaml`. */
export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(pipelineSchema, {
    target: "draft-2020-12",
    io: "input",
    override({ zodSchema, jsonSchema }) {
      const meta = fieldRegistry.get(zodSchema);
      if (meta === undefined) return;
      jsonSchema.description = meta.description;
      if (meta.default !== undefined) jsonSchema.default = meta.default;
      if (meta.examples !== undefined) jsonSchema.examples = [...meta.examples];
      Object.assign(jsonSchema, meta.jsonSchema);
    },
  });
  const { $schema, ...rest } = schema;
  const head = { $schema, title: "Waybill pipeline (waybill.yaml)" };
  return `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`;
}
