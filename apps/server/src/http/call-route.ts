import type { Caller } from "@waybill/access";
import { WaybillError, type Clock } from "@waybill/core";
import * as z from "zod/mini";
import type { Services } from "../services.ts";
import { idempotencyKey, type IdempotentRequests } from "./idempotency.ts";
import { parseRequest, type RawRequest } from "./parse-request.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Guard, Route, RouteReply } from "./route.ts";
import { checkAccess, watchAccess } from "./watch-access.ts";

/** What calls of routes need, however they come. */
export interface CallOptions {
  readonly services: Services;
  /** Aborted when the server is ending: streams end then. */
  readonly ending: AbortSignal;
  readonly guard: Guard;
  readonly limits: RateLimits;
  readonly idempotent: IdempotentRequests;
  /** For tests: a response that is not what its route says is a defect. */
  readonly checkResponses?: boolean;
}

export interface RouteCall extends RawRequest {
  readonly method: string;
  readonly url: string;
  readonly address: string;
  readonly requestId: string;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
}

/**
 * Who is known is counted by who they are, all others by their address: a token is worth nothing to those who try many.
 *
 * @param tell gets headers for the answer, whatever it is
 * @throws WaybillError `API_RATE_LIMITED`, or what `Guard.identify` says
 */
export async function identifyCaller(
  { guard, limits }: CallOptions,
  route: Route,
  { method, headers, address }: Pick<RouteCall, "method" | "headers" | "address">,
  tell: (headers: Readonly<Record<string, string>>) => void,
): Promise<Caller | null> {
  const count = (who: string): void => {
    if (route.isUnlimited === true) return;
    const { isAllowed, limit, remaining, resetSeconds, retrySeconds } = limits.take(who);
    tell({
      "ratelimit-limit": String(limit),
      "ratelimit-remaining": String(remaining),
      "ratelimit-reset": String(resetSeconds),
      ...(isAllowed ? {} : { "retry-after": String(retrySeconds) }),
    });
    if (!isAllowed) throw new WaybillError("API_RATE_LIMITED", { limit, seconds: retrySeconds });
  };
  let caller: Caller | null;
  try {
    caller = await guard.identify(route, method, headers);
  } catch (error) {
    count(`address ${address}`);
    throw error;
  }
  count(caller === null ? `address ${address}` : `caller ${caller.principal.tokenId ?? caller.principal.id}`);
  return caller;
}

/** Checks a request, asks whether its caller may, and carries it out. @throws WaybillError */
export async function callRoute(
  { services, ending, guard, idempotent, checkResponses }: CallOptions,
  route: Route,
  call: RouteCall,
  caller: Caller | null,
): Promise<RouteReply> {
  const { rawBody, headers, address, requestId, method, url } = call;
  const parsed = parseRequest(route, call);
  const lost = new AbortController();
  const signal = AbortSignal.any([call.signal, ending, lost.signal]);
  const routed = { ...parsed, rawBody, headers, caller, address, requestId, signal };
  const projects = await guard.authorise(route, routed);
  const work = async (): Promise<RouteReply> => await route.handle({ ...routed, projects }, services);
  const key = route.isRepeatable === true ? idempotencyKey(headers["idempotency-key"]) : null;
  const actor = caller === null ? "" : `${caller.principal.kind} ${caller.principal.id}`;
  const answer =
    key === null ? await work() : await idempotent.once({ caller: actor, key, method, url, body: rawBody }, work);
  if (checkResponses === true) checkResponse(route, answer);
  if (!("stream" in answer) || caller === null) return answer;
  const check = (): Promise<void> =>
    checkAccess({ guard }, route, call, route.access?.on === "projects" ? { projects, caller } : null);
  return { ...answer, stream: whileAllowed(answer.stream, services.clock, check, lost) };
}

/** A stream can go on for longer than a token is good, or somebody of a project. */
async function* whileAllowed(
  stream: AsyncIterable<string | Uint8Array>,
  clock: Clock,
  check: () => Promise<void>,
  lost: AbortController,
): AsyncGenerator<string | Uint8Array> {
  using watch = watchAccess(clock, check);
  watch.lost.addEventListener("abort", () => lost.abort(watch.lost.reason));
  yield* stream;
}

/** @throws Error where the answer is none that the route describes */
function checkResponse(route: Route, answer: RouteReply): void {
  const described = route.responses[answer.status];
  if (described === undefined) throw new Error(`${route.id} answers with ${answer.status}, which it does not describe`);
  if ("body" in answer && described.schema !== null) z.parse(described.schema, answer.body);
}
