import type { OpenedSession, OidcSignIn } from "@waybill/access";
import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { OIDC_CALLBACK_PATH } from "../../access/access-settings.ts";
import { SIGN_IN_PATH } from "../../access/sign-in-address.ts";
import { defineRoute, type Route, type RouteReply, type RouteRequest } from "../../http/route.ts";
import type { Services } from "../../services.ts";
import { cookieOf, originOf } from "./sign-in.ts";

const MAX_BODY_BYTES = 8 * 1024;
/** For the way to the provider and back, in seconds. */
const SIGN_IN_COOKIE_S = 600;
/** Where somebody is who has signed in. */
const HOME = "/";

const elsewhere = { 303: { description: "To where the browser goes now", schema: null } };

/** What browsers send themselves: forms, and the way to an identity provider and back. The page is of `apps/web`. */
export const signInPageRoutes: readonly Route[] = [
  defineRoute({
    id: "submitLink",
    method: "POST",
    path: `${SIGN_IN_PATH}/link`,
    summary: "What a form sends for a one-time link",
    tag: "pages",
    access: null,
    maxBodyBytes: MAX_BODY_BYTES,
    responses: elsewhere,
    async handle(request, services) {
      const token = formOf(request).get("token")?.trim() ?? "";
      const { signIn } = services.access;
      return home(services, await signIn.withLink(token, originOf(request), cookieOf(services, request)));
    },
  }),
  defineRoute({
    id: "submitPassword",
    method: "POST",
    path: `${SIGN_IN_PATH}/password`,
    summary: "What a form sends for a name and a password",
    tag: "pages",
    access: null,
    maxBodyBytes: MAX_BODY_BYTES,
    responses: elsewhere,
    async handle(request, services) {
      const form = formOf(request);
      const [name, password] = [form.get("name") ?? "", form.get("password") ?? ""];
      const { signIn } = services.access;
      return home(services, await signIn.withPassword(name, password, originOf(request), cookieOf(services, request)));
    },
  }),
  defineRoute({
    id: "beginOidc",
    method: "GET",
    path: `${SIGN_IN_PATH}/oidc`,
    summary: "Go to the identity provider",
    tag: "pages",
    access: null,
    query: z.object({ return_to: z.prefault(z.string().check(z.maxLength(2000)), HOME) }),
    responses: elsewhere,
    async handle({ query }, { access }) {
      const { url, binding } = await provider(access.oidc).start(query.return_to);
      const cookie = access.cookies.signIn.set(binding, SIGN_IN_COOKIE_S);
      return { status: 303, body: undefined, headers: { location: url, "set-cookie": cookie } };
    },
  }),
  defineRoute({
    id: "finishOidc",
    method: "GET",
    path: OIDC_CALLBACK_PATH,
    summary: "Where the identity provider sends the browser back to",
    tag: "pages",
    access: null,
    query: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    responses: elsewhere,
    async handle(request, services) {
      const { access } = services;
      const { cookie: header } = request.headers;
      const binding = typeof header === "string" ? access.cookies.signIn.read(header) : null;
      const { opened, returnTo } = await provider(access.oidc).finish(
        queryText(request.query),
        binding,
        originOf(request),
        cookieOf(services, request),
      );
      return home(services, opened, returnTo, [access.cookies.signIn.end()]);
    },
  }),
];

function provider(oidc: OidcSignIn | null): OidcSignIn {
  if (oidc === null) throw new WaybillError("API_NOT_FOUND", { kind: "identity provider", id: "oidc" });
  return oidc;
}

function queryText(query: Readonly<Record<string, string | readonly string[]>>): string {
  const pairs = Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  return `?${new URLSearchParams(pairs as [string, string][]).toString()}`;
}

/**
 * The fields of a form of our own page: another site could sign somebody in as somebody else.
 *
 * @throws WaybillError `AUTH_CSRF`, `API_MEDIA_TYPE`
 */
function formOf({ rawBody, headers }: RouteRequest<unknown, unknown, unknown>): URLSearchParams {
  const { origin, host } = headers;
  const isOurs = typeof origin === "string" && URL.parse(origin)?.host === host;
  if (!isOurs && headers["sec-fetch-site"] !== "same-origin") throw new WaybillError("AUTH_CSRF", {});
  const type = headers["content-type"];
  if (typeof type !== "string" || !/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) {
    throw new WaybillError("API_MEDIA_TYPE", { type: String(type).slice(0, 100) });
  }
  return new URLSearchParams(rawBody.toString("utf8"));
}

function home(
  { access }: Services,
  { cookie }: OpenedSession,
  location = HOME,
  cookies: readonly string[] = [],
): RouteReply {
  return {
    status: 303,
    body: undefined,
    headers: { location, "set-cookie": [access.cookies.session.set(cookie), ...cookies] },
  };
}
