import type { OpenedSession, Origin } from "@waybill/access";
import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { callerOf } from "../../access/guard.ts";
import { defineRoute, type Route, type RouteReply, type RouteRequest } from "../../http/route.ts";
import type { Services } from "../../services.ts";
import { named } from "../schemas.ts";

const MAX_BODY_BYTES = 8 * 1024;

export const secretText = z.string().check(z.minLength(1), z.maxLength(2048));

const signedIn = named(
  "SignedIn",
  z.object({
    user: z.string(),
    /** For the header X-CSRF-Token of what changes something. */
    csrf_token: z.string(),
  }),
);

/** A page of another site can send forms, and no JSON: nothing here is done by a request of one. */
export const signInRoutes: readonly Route[] = [
  defineRoute({
    id: "getSignInWays",
    method: "GET",
    path: "/v1/sign-in",
    summary: "How one can sign in, besides a one-time link and a password",
    tag: "access",
    access: null,
    responses: {
      200: {
        description: "The ways",
        schema: z.object({
          /** Whether there is an identity provider: `/sign-in/oidc` leads there. */
          oidc: z.boolean(),
        }),
      },
    },
    handle: (_, { access }) => ({ status: 200, body: { oidc: access.oidc !== null } }),
  }),
  defineRoute({
    id: "signInWithPassword",
    method: "POST",
    path: "/v1/sign-in/password",
    summary: "Begin a session of a browser with a name and a password",
    tag: "access",
    access: null,
    body: z.strictObject({ name: z.string().check(z.maxLength(200)), password: secretText }),
    maxBodyBytes: MAX_BODY_BYTES,
    responses: { 200: { description: "The session is in a cookie", schema: signedIn } },
    async handle(request, services) {
      const { name, password } = request.body;
      const { signIn } = services.access;
      return opened(
        services,
        await signIn.withPassword(name, password, originOf(request), cookieOf(services, request)),
      );
    },
  }),
  defineRoute({
    id: "signInWithLink",
    method: "POST",
    path: "/v1/sign-in/link",
    summary: "Begin a session of a browser with the token of a one-time link",
    tag: "access",
    access: null,
    body: z.strictObject({ token: secretText }),
    maxBodyBytes: MAX_BODY_BYTES,
    responses: { 200: { description: "The session is in a cookie", schema: signedIn } },
    async handle(request, services) {
      const { token } = request.body;
      return opened(
        services,
        await services.access.signIn.withLink(token, originOf(request), cookieOf(services, request)),
      );
    },
  }),
  defineRoute({
    id: "signOut",
    method: "POST",
    path: "/v1/sign-out",
    summary: "End the session of the browser that asks",
    tag: "access",
    access: { permission: null, on: "server" },
    maxBodyBytes: MAX_BODY_BYTES,
    responses: { 204: { description: "It is over", schema: null } },
    async handle(request, { access }) {
      const { principal, active } = callerOf(request);
      if (active === null) throw new WaybillError("API_INVALID", { problem: "a token is revoked, not signed out" });
      await access.sessions.close(principal, active.session);
      return { status: 204, body: undefined, headers: { "set-cookie": access.cookies.session.end() } };
    },
  }),
];

type Asked = Pick<RouteRequest<unknown, unknown, unknown>, "headers" | "address">;

export function originOf({ headers, address }: Asked): Origin {
  const userAgent = headers["user-agent"];
  return { address, userAgent: typeof userAgent === "string" ? userAgent : "" };
}

/** The session that the browser has already, and that another one takes the place of. */
export function cookieOf({ access }: Services, { headers }: Asked): string | null {
  const { cookie } = headers;
  return typeof cookie === "string" ? access.cookies.session.read(cookie) : null;
}

function opened({ access }: Services, { cookie, csrfToken, user }: OpenedSession): RouteReply {
  return {
    status: 200,
    body: { user: user.name, csrf_token: csrfToken },
    headers: { "set-cookie": access.cookies.session.set(cookie) },
  };
}
