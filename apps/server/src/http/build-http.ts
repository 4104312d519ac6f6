import type { Caller } from "@waybill/access";
import { WaybillError, type Ids } from "@waybill/core";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { Readable } from "node:stream";
import { SIGN_IN_PATH } from "../access/sign-in-address.ts";
import { rpcPlugin } from "../rpc/rpc-plugin.ts";
import { correlated } from "../telemetry/correlation.ts";
import type { BegunRequest, RequestTelemetry } from "../telemetry/request-telemetry.ts";
import { callRoute, identifyCaller, type CallOptions } from "./call-route.ts";
import { answerClientError, answerSilence } from "./client-error.ts";
import { problemOf, PROBLEM_MEDIA_TYPE } from "./problem.ts";
import type { Route, RouteReply } from "./route.ts";
import { securityHeaders } from "./security-headers.ts";
import { TwoProtocols } from "./two-protocols.ts";
import type { WebAnswer, WebPages } from "../web/web-pages.ts";

export interface HttpOptions extends CallOptions {
  readonly routes: readonly Route[];
  readonly ids: Ids;
  /** For tests: milliseconds for a request to arrive whole. */
  readonly requestTimeoutMs?: number;
  /** Told of what is a defect, or an infrastructure that fails: responses from 500 on. */
  readonly onFailure: (error: unknown, requestId: string) => void;
  readonly telemetry: RequestTelemetry;
  /** Addresses and networks: what they say of a caller's address is believed. */
  readonly trustedProxies: readonly string[];
  /** Whether browsers come by `https://`. */
  readonly isSecure: boolean;
  /** The pages for people; null: they are not built. */
  readonly web: WebPages | null;
}

const MAX_BODY_BYTES = 1024 * 1024;
/** For a request to arrive whole, headers and body. */
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 72_000;
const MAX_URL_PARAMETER = 200;

/** The HTTP server of the routes; it does not listen yet. */
export function buildHttp(options: HttpOptions): FastifyInstance {
  const { ids } = options;
  const protocols = new TwoProtocols({
    requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    keepAliveMs: KEEP_ALIVE_MS,
    onSilence: (socket) => answerSilence(socket, ids),
  });
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    serverFactory: (handler) => protocols.createServer(handler),
    clientErrorHandler: (error, socket) => answerClientError(error, socket, ids),
    routerOptions: { maxParamLength: MAX_URL_PARAMETER },
    exposeHeadRoutes: false,
    // An address that is no text comes here before there is a route for it.
    frameworkErrors: (error, request, reply) => void sendProblem(options, fromFastify(error), request, reply),
    // A proxy's id goes through where it is a plain one.
    genReqId: (request) => {
      const given = request.headers["x-request-id"];
      return typeof given === "string" && /^[\w.-]{1,64}$/.test(given) ? given : ids.next();
    },
  });
  app.addHook("preClose", (done) => {
    protocols.close();
    done();
  });
  // Bodies stay bytes until a route wants them: signatures are of bytes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  const always = Object.entries({ ...securityHeaders(options.isSecure), "cache-control": "no-store" });
  app.addHook("onSend", (request, reply, payload, done) => {
    reply.header("x-request-id", request.id);
    for (const [name, value] of always) if (!reply.hasHeader(name)) reply.header(name, value);
    // A connection of HTTP/2 is not one request's to end.
    if (request.raw.httpVersionMajor > 1) reply.removeHeader("connection");
    done(null, payload);
  });
  const observed = new WeakMap<FastifyRequest, BegunRequest>();
  // Before all others, so that those that are refused are counted as well.
  app.addHook("onRequest", (request, _reply, done) => {
    const { id, method, headers, routeOptions } = request;
    // Addresses without a route are one, whatever they are: anybody can make them up.
    const route = routeOptions.url?.replaceAll(/:(\w+)/g, "{$1}") ?? "none";
    observed.set(request, options.telemetry.begin({ id, method, route, traceparent: headers["traceparent"] }));
    // The router takes `*`, which is about no address at all, for the root.
    const isAddress = request.raw.url?.startsWith("/") ?? false;
    done(isAddress ? undefined : new WaybillError("API_NO_ROUTE", { method, path: request.url.slice(0, 200) }));
  });
  app.addHook("onResponse", (request, reply, done) => {
    observed.get(request)?.end(reply.statusCode);
    done();
  });
  app.setErrorHandler((error, request, reply) => sendProblem(options, fromFastify(error, request), request, reply));
  app.setNotFoundHandler(async (request, reply) => {
    const page = await pageOf(options, request);
    if (page !== null)
      return await reply
        .status(page.status)
        .headers(page.headers)
        .send(page.bytes ?? undefined);
    const path = request.url.split("?")[0]?.slice(0, 200) ?? "";
    const isMissing = options.web === null && request.method === "GET" && isForPeople(request);
    const error = isMissing
      ? new WaybillError("WEB_NOT_BUILT", {})
      : new WaybillError("API_NO_ROUTE", { method: request.method, path });
    return await sendProblem(options, error, request, reply);
  });
  const callers = new WeakMap<FastifyRequest, Caller>();
  for (const route of options.routes) {
    app.route({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ":$1"),
      ...(route.maxBodyBytes === undefined ? {} : { bodyLimit: route.maxBodyBytes }),
      // Whoever may not gets no further than their headers.
      onRequest: async (request, reply) => {
        const { method, headers, ip: address } = request;
        const caller = await identifyCaller(options, route, { method, headers, address }, (limits) => {
          reply.headers(limits);
        });
        if (caller !== null) callers.set(request, caller);
      },
      handler: (request, reply) => {
        const work = (): Promise<FastifyReply> => handle(options, route, request, reply, callers.get(request) ?? null);
        // What a handler begins belongs to its request, also when that has been answered.
        const correlation = observed.get(request)?.correlation;
        return correlation === undefined ? work() : correlated(correlation, work);
      },
    });
  }
  void app.register(rpcPlugin(options));
  return app;
}

/** @returns null: it is no request of a page */
async function pageOf({ web }: HttpOptions, { method, url, headers }: FastifyRequest): Promise<WebAnswer | null> {
  if (web === null) return null;
  const { accept = "", "accept-encoding": acceptEncoding = "", "if-none-match": ifNoneMatch = "" } = headers;
  return await web.answer({ method, url, accept, acceptEncoding, ifNoneMatch });
}

async function handle(
  options: HttpOptions,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller | null,
): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const { params, query, headers, method, url, ip: address, id: requestId } = request;
  const { signal } = gone;
  const call = { params, query, rawBody, headers, method, url, address, requestId, signal };
  return await send(reply, await callRoute(options, route, call, caller));
}

async function send(reply: FastifyReply, answer: RouteReply): Promise<FastifyReply> {
  reply.status(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if ("stream" in answer) {
    reply.type(answer.contentType);
    return await reply.send(Readable.from(answer.stream, { objectMode: false }));
  }
  if ("text" in answer) return await reply.type(answer.contentType).send(answer.text);
  if (answer.body === undefined) return await reply.send();
  reply.type("application/json; charset=utf-8");
  return await reply.send(JSON.stringify(answer.body));
}

async function sendProblem(
  { onFailure, isSecure }: HttpOptions,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const problem = problemOf(error, request.id);
  if (problem.status >= 500) onFailure(error, request.id);
  // Whoever opens a page in a browser is shown where to sign in.
  if (problem.code === "AUTH_REQUIRED" && request.method === "GET" && isForPeople(request)) {
    return await reply.status(303).header("location", SIGN_IN_PATH).send();
  }
  // On the way to an identity provider and back it is said where one may try again.
  if (request.method === "GET" && isForPeople(request) && request.url.startsWith(`${SIGN_IN_PATH}/`)) {
    const why = new URLSearchParams({ problem: problem.code, request_id: problem.request_id }).toString();
    return await reply.status(303).header("location", `${SIGN_IN_PATH}?${why}`).send();
  }
  if (problem.status === 401) reply.header("www-authenticate", 'Bearer realm="waybill"');
  // Hooks are not asked about an address that is no text.
  reply.headers({ ...securityHeaders(isSecure), "cache-control": "no-store", "x-request-id": request.id });
  reply.status(problem.status).header("content-type", PROBLEM_MEDIA_TYPE);
  // As bytes: Fastify would name a charset, which the type has none of.
  return await reply.send(Buffer.from(JSON.stringify(problem)));
}

function isForPeople({ headers }: FastifyRequest): boolean {
  return /\btext\/html\b/.test(headers.accept ?? "");
}

/** What Fastify itself finds wrong with a request. */
function fromFastify(error: unknown, request?: FastifyRequest): unknown {
  if (!(error instanceof Error) || error instanceof WaybillError || !("code" in error)) return error;
  const cause = error;
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new WaybillError(
        "API_BODY_TOO_LARGE",
        { bytes: request?.routeOptions.bodyLimit ?? MAX_BODY_BYTES },
        { cause },
      );
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new WaybillError("API_MEDIA_TYPE", { type: "" }, { cause });
    default: {
      const isClients = "statusCode" in error && typeof error.statusCode === "number" && error.statusCode < 500;
      return isClients ? new WaybillError("API_INVALID", { problem: error.message }, { cause }) : error;
    }
  }
}
