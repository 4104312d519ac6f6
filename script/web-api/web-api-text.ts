import { PERMISSIONS } from "@waybill/access";
import { typeText, type Schema } from "./type-text.ts";

interface Content {
  readonly schema?: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly "x-permission"?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

/** What of an OpenAPI document of ours is read here. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Located {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Of what an operation takes. */
const INDENT = "      ";

const HEAD = `// Made by script/generate-web-api.ts from docs/reference/openapi.json: change the server's routes, not this file.
`;

/** The types and the table of all operations that answer with JSON or a stream; pages and forms are left out. */
export function webApiText({ paths, components }: Document): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      operation.tags.includes("pages") ? [] : [{ method: method.toUpperCase(), path, operation }],
    ),
  );
  return [
    HEAD,
    ...Object.entries(components.schemas).map(
      ([name, schema]) => `export ${declaration(name, typeText(schema, ""))}\n`,
    ),
    `/** What each operation takes and answers. */\nexport interface Operations {\n${operations.map(typesOf).join("")}}\n`,
    `export const OPERATIONS = {\n${operations.map(rowOf).join("")}} as const;\n`,
    `/** The least role that has a permission; "person", "machine" and "server" are no matter of roles. */\n` +
      `export const PERMISSIONS: Readonly<Record<string, string>> = ${JSON.stringify(PERMISSIONS, null, 2)};\n`,
  ].join("\n");
}

function declaration(name: string, text: string): string {
  return text.startsWith("{") ? `interface ${name} ${text}` : `type ${name} = ${text};`;
}

function typesOf({ operation }: Located): string {
  const { operationId, summary, parameters = [], requestBody, responses } = operation;
  const ofPath = parameters.filter((parameter) => parameter.in === "path");
  const ofQuery = parameters.filter((parameter) => parameter.in === "query");
  const body = requestBody?.content["application/json"]?.schema;
  const args = [
    ...(ofPath.length === 0 ? [] : [`readonly params: ${fields(ofPath)};`]),
    ...(ofQuery.length === 0
      ? []
      : [`readonly query${ofQuery.some(({ required }) => required) ? "" : "?"}: ${fields(ofQuery)};`]),
    ...(body === undefined ? [] : [`readonly body: ${typeText(body, INDENT)};`]),
    "readonly signal?: AbortSignal;",
  ];
  const lines = ["args: {", ...args.map((line) => `  ${line}`), "};", `result: ${resultText(responses)};`];
  return `  /** ${summary}. */\n  ${operationId}: {\n${lines.map((line) => `    ${line}\n`).join("")}  };\n`;
}

function rowOf({ method, path, operation }: Located): string {
  const permission = operation["x-permission"];
  const row = [method, path, permission ?? null].map((part) => JSON.stringify(part)).join(", ");
  return `  ${operation.operationId}: [${row}],\n`;
}

function fields(parameters: NonNullable<Operation["parameters"]>): string {
  const properties = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
  const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  return typeText({ type: "object", properties, required, additionalProperties: false }, INDENT);
}

function resultText(responses: Operation["responses"]): string {
  const bodies = Object.entries(responses).flatMap(([status, { content }]) => {
    const schema = status === "default" ? undefined : content?.["application/json"]?.schema;
    return schema === undefined ? [] : [typeText(schema, "    ")];
  });
  return bodies.length === 0 ? "null" : [...new Set(bodies)].join(" | ");
}
