import * as z from "zod/mini";
import type { ResponseDescription, Route } from "./route.ts";
import { PROBLEM_MEDIA_TYPE } from "./problem.ts";

export type OpenApiDocument = Readonly<Record<string, unknown>>;

const PROBLEM_SCHEMA = {
  type: "object",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string" },
    remedy: { type: "string" },
    request_id: { type: "string" },
  },
  required: ["type", "title", "status", "detail", "code", "remedy", "request_id"],
};

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    "Sent again with the same key within 24 hours, the request is not carried out again: it gets its first answer.",
  schema: { type: "string", minLength: 1, maxLength: 200 },
};

/** The document of OpenAPI 3.1 that describes the routes, all of it from their own schemas. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const schemas: Record<string, unknown> = { Problem: PROBLEM_SCHEMA };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Waybill", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "A token of a person or of a machine" },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-waybill",
          description: "Of a browser that is signed in; what changes something needs the header X-CSRF-Token, too",
        },
      },
    },
  };
}

function operationOf(route: Route, schemas: Record<string, unknown>): Record<string, unknown> {
  const parameters = [
    ...parametersOf(route.params, "path", schemas),
    ...parametersOf(route.query, "query", schemas),
    ...(route.isRepeatable === true ? [IDEMPOTENCY_KEY] : []),
  ];
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.tag],
    ...(route.access === null ? { security: [] } : {}),
    ...(route.access === null || route.access.permission === null ? {} : { "x-permission": route.access.permission }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: jsonSchema(route.body, "input", schemas) } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, response]) => [status, responseOf(response, schemas)]),
      ),
      default: {
        description: "A problem (RFC 9457)",
        content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function responseOf(response: ResponseDescription, schemas: Record<string, unknown>): Record<string, unknown> {
  const { description, schema, contentType = "application/json" } = response;
  if (schema === null && response.contentType === undefined) return { description };
  return {
    description,
    content: { [contentType]: schema === null ? {} : { schema: jsonSchema(schema, "output", schemas) } },
  };
}

function parametersOf(
  schema: z.ZodMiniType | undefined,
  place: "path" | "query",
  schemas: Record<string, unknown>,
): Record<string, unknown>[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input", schemas) as {
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

/** Schemas that have an id of their own become components. */
function jsonSchema(schema: z.ZodMiniType, io: "input" | "output", schemas: Record<string, unknown>): object {
  const text = JSON.stringify(z.toJSONSchema(schema, { io, target: "draft-2020-12" }));
  const {
    $defs = {},
    $schema: _,
    ...rest
  } = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as Record<string, unknown> & {
    readonly $defs?: Readonly<Record<string, unknown>>;
  };
  Object.assign(schemas, $defs);
  return rest;
}
