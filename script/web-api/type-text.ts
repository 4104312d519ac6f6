/** What of a JSON schema says something about types. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

/**
 * The TypeScript type of what a schema describes. What it limits beyond types, as lengths and patterns, is the server's
 * to check.
 *
 * @param indent of the line in which the type begins
 */
export function typeText(schema: Schema, indent: string): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return alternatives.map((each) => typeText(each, indent)).join(" | ");
  if (schema.allOf !== undefined) return schema.allOf.map((each) => typeText(each, indent)).join(" & ");
  if (Array.isArray(schema.type)) {
    return schema.type.map((type: string) => typeText({ ...schema, type }, indent)).join(" | ");
  }
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
    case "number":
      return schema.type;
    case "integer":
      return "number";
    case "array":
      return `readonly (${typeText(schema.items ?? {}, indent)})[]`;
    case "object":
      return objectText(schema, indent);
    default:
      return "unknown";
  }
}

function objectText({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  const free = typeof additionalProperties === "object" ? additionalProperties : {};
  if (properties === undefined || Object.keys(properties).length === 0) {
    return additionalProperties === false
      ? "Readonly<Record<string, never>>"
      : `Readonly<Record<string, ${typeText(free, indent)}>>`;
  }
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, schema]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    const isRequired = required.includes(name);
    return `${inner}readonly ${key}${isRequired ? "" : "?"}: ${typeText(schema, inner)}${isRequired ? "" : " | undefined"};\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
}
