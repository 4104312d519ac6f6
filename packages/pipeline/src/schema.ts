/** The schemas with what is known about each field, for what is generated from them. */
export { fieldRegistry, type FieldMeta } from "./formats/field.ts";
export { metaOf, schemaAt, shapeOf } from "./formats/check-schema.ts";
export { jobSchema, pipelineSchema, stepSchema } from "./formats/waybill/schema.ts";
