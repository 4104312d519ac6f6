import type { Caller } from "@waybill/access";
import type * as z from "zod/mini";
import type { Services } from "../services.ts";
import type { Access } from "./access.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a handler gets: parts that its route describes are validated, and typed. */
export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** As it came over the wire; empty: there was none. */
  readonly rawBody: Buffer;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Who asks; null: the route does not want to know, its `access` is null. */
  readonly caller: Caller | null;
  /** Where the caller has the route's permission: what lists over several projects may show. */
  readonly projects: ReadonlySet<string> | "all";
  /** The other end's. */
  readonly address: string;
  readonly requestId: string;
  /** Aborted when the caller has gone or may not any more, or the server is ending. */
  readonly signal: AbortSignal;
}

export type ReplyHeaders = Readonly<Record<string, string | string[]>>;

export type RouteReply =
  | { readonly status: number; readonly body: unknown; readonly headers?: ReplyHeaders }
  | {
      readonly status: number;
      readonly text: string;
      readonly contentType: string;
      readonly headers?: ReplyHeaders;
    }
  | {
      readonly status: number;
      readonly stream: AsyncIterable<string | Uint8Array>;
      readonly contentType: string;
      readonly headers?: ReplyHeaders;
    };

export interface ResponseDescription {
  readonly description: string;
  /** Null: no JSON, or no body. */
  readonly schema: z.ZodMiniType | null;
  /** `application/json` where left out. */
  readonly contentType?: string;
}

export interface RouteDefinition<Params, Query, Body> {
  /** `operationId` of the API's document; unique. */
  readonly id: string;
  readonly method: Method;
  /** With `{id}` for a parameter. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** What the caller must be allowed; null: anybody may. */
  readonly access: Access | null;
  /**
   * The id of what `access.on` names; the parameter `id` where left out. A list of many things' names none, and shows
   * what is of the request's `projects`.
   */
  readonly subject?: (request: Omit<RouteRequest<Params, Query, Body>, "projects">) => string | null;
  readonly params?: z.ZodMiniType<Params>;
  readonly query?: z.ZodMiniType<Query>;
  readonly body?: z.ZodMiniType<Body>;
  /** Of the body, where it may be larger or must be smaller than others. */
  readonly maxBodyBytes?: number;
  /**
   * With the header `Idempotency-Key` a request may be sent again, and gets the same answer without being carried out
   * twice. The answer is stored for that, so it must not hold a secret.
   */
  readonly isRepeatable?: boolean;
  /** Asked often by machines, and answered at next to no cost: no limit of requests counts it. */
  readonly isUnlimited?: boolean;
  readonly responses: Readonly<Record<number, ResponseDescription>>;
  handle(request: RouteRequest<Params, Query, Body>, services: Services): Promise<RouteReply> | RouteReply;
}

/** A route among others: what its parts are is known to itself. */
export type Route = RouteDefinition<unknown, unknown, unknown>;

/** Types a route by its own schemas. */
export function defineRoute<Params = undefined, Query = undefined, Body = undefined>(
  route: RouteDefinition<Params, Query, Body>,
): Route {
  return route as unknown as Route;
}

/** Knows who may do what. */
export interface Guard {
  /**
   * Before anything but the headers is read.
   * @param isNew - whether somebody does something. Otherwise it is only asked whether they still may, which does not
   *   count as a sign of life of their session.
   * @returns null: nobody is wanted
   * @throws WaybillError `AUTH_REQUIRED`, `AUTH_CSRF`, `ACCESS_DENIED`
   */
  identify(
    route: Route,
    method: string,
    headers: RouteRequest<unknown, unknown, unknown>["headers"],
    isNew?: boolean,
  ): Promise<Caller | null>;
  /**
   * Before the route does anything.
   * @returns where the caller has the route's permission
   * @throws WaybillError `ACCESS_DENIED`, `API_NOT_FOUND`
   */
  authorise(
    route: Route,
    request: Omit<RouteRequest<unknown, unknown, unknown>, "projects">,
  ): Promise<RouteRequest<unknown, unknown, unknown>["projects"]>;
}
