import { createContextKey, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import type { FastifyPluginCallback } from "fastify";
import { callRoute, identifyCaller, type CallOptions, type RouteCall } from "../http/call-route.ts";
import { problemOf } from "../http/problem.ts";
import type { Route, RouteReply } from "../http/route.ts";
import { securityHeaders } from "../http/security-headers.ts";
import { checkAccess, watchAccess, type AccessWatch } from "../http/watch-access.ts";
import { connectErrorOf } from "./connect-error.ts";
import { rpcServices } from "./rpc-services.ts";

export interface RpcOptions extends CallOptions {
  readonly routes: readonly Route[];
  readonly isSecure: boolean;
  readonly onFailure: (error: unknown, requestId: string) => void;
}

/** Parts of a request of the REST API. */
export interface RestRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Carries out what an operation of the REST API does. @throws ConnectError */
export type CallOperation = (id: string, request: RestRequest, context: HandlerContext) => Promise<RouteReply>;

/** Asks now and then whether the caller may still do so. */
export type WatchOperation = (id: string, request: RestRequest, context: HandlerContext) => AccessWatch;

/** Of a request, what Connect does not know of it. */
const aboutRequest = createContextKey<{ readonly id: string; readonly address: string }>({ id: "", address: "" });

const MAX_MESSAGE_BYTES = 1024 * 1024;

/**
 * Connect and gRPC-Web beside the REST API. A procedure is an operation of the route list in other clothes: who
 * may call it, what it takes and how often it may be called are looked up there.
 */
export function rpcPlugin(options: RpcOptions): FastifyPluginCallback {
  const routes = new Map(options.routes.map((route) => [route.id, route]));
  const routed = (id: string, request: RestRequest, context: HandlerContext): readonly [Route, RouteCall] => {
    const route = routes.get(id);
    if (route === undefined) throw new Error(`there is no operation ${id}`);
    const { id: requestId, address } = context.values.get(aboutRequest);
    const rest: RouteCall = {
      params: request.params ?? {},
      query: request.query ?? {},
      rawBody: request.body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(request.body)),
      headers: { ...Object.fromEntries(context.requestHeader), "content-type": "application/json" },
      method: "POST",
      // Whose keys of repeated requests are not those of the operation.
      url: `${context.service.typeName}/${context.method.name} ${JSON.stringify(request.params)}`,
      address,
      requestId,
      signal: context.signal,
    };
    return [route, rest];
  };
  const call: CallOperation = async (id, request, context) => {
    const [route, rest] = routed(id, request, context);
    const caller = await identifyCaller(options, route, rest, (headers) => {
      for (const [name, value] of Object.entries(headers)) context.responseHeader.set(name, value);
    });
    return await callRoute(options, route, rest, caller);
  };
  const watch: WatchOperation = (id, request, context) => {
    const [route, rest] = routed(id, request, context);
    return watchAccess(options.services.clock, () => checkAccess(options, route, rest));
  };
  const toConnectError = (error: unknown, context: HandlerContext): Error => {
    const { id } = context.values.get(aboutRequest);
    if (problemOf(error, id).status >= 500) options.onFailure(error, id);
    return connectErrorOf(error, id);
  };
  const headers = { ...securityHeaders(options.isSecure), "cache-control": "no-store" };
  return (app, _, done) => {
    // Connect writes its answers itself: hooks that run before they are sent do not see them.
    app.addHook("onRequest", (request, reply, next) => {
      reply.headers({ ...headers, "x-request-id": request.id });
      next();
    });
    void app.register(fastifyConnectPlugin, {
      routes: rpcServices({ call, watch, toConnectError, services: options.services, ending: options.ending }),
      contextValues: (request) => createContextValues().set(aboutRequest, { id: request.id, address: request.ip }),
      readMaxBytes: MAX_MESSAGE_BYTES,
      shutdownSignal: options.ending,
    });
    done();
  };
}
