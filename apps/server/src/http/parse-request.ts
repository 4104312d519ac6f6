import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import type { Route, RouteRequest } from "./route.ts";

/** What Fastify has of a request before anything of it is believed. */
export interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly rawBody: Buffer;
  readonly headers: RouteRequest<unknown, unknown, unknown>["headers"];
}

/** Problems named in one error. */
const MAX_PROBLEMS = 5;

/** @throws WaybillError `API_INVALID`, `API_MEDIA_TYPE` */
export function parseRequest(route: Route, raw: RawRequest): { params: unknown; query: unknown; body: unknown } {
  return {
    params: route.params === undefined ? undefined : parsePart(route.params, raw.params, "path"),
    query: route.query === undefined ? undefined : parsePart(route.query, raw.query, "query"),
    body: route.body === undefined ? undefined : parsePart(route.body, jsonOf(raw), "body"),
  };
}

function jsonOf({ rawBody, headers }: RawRequest): unknown {
  const type = typeof headers["content-type"] === "string" ? headers["content-type"] : "";
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    // What needs no body may come without one.
    if (rawBody.length === 0) return {};
    throw new WaybillError("API_MEDIA_TYPE", { type: type.slice(0, 100) });
  }
  if (rawBody.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(rawBody));
  } catch (cause) {
    throw new WaybillError("API_INVALID", { problem: "the body is no JSON" }, { cause });
  }
}

function parsePart(schema: z.ZodMiniType, value: unknown, part: string): unknown {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `${[part, ...path.map(String)].join(".")}: ${message}`);
  throw new WaybillError("API_INVALID", { problem: problems.join("; ") });
}
