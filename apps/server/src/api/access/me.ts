import type { SessionInfo } from "@waybill/access";
import * as z from "zod/mini";
import { callerOf, principalOf } from "../../access/guard.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { found } from "../records.ts";
import { idParams, named, time, timeOf } from "../schemas.ts";
import { role } from "./access-schemas.ts";
import { secretText } from "./sign-in.ts";

const me = named(
  "Me",
  z.object({
    kind: z.enum(["user", "machine", "system"]),
    id: z.string(),
    /** As the audit log names it. */
    actor: z.string(),
    server_admin: z.boolean(),
    /** Project id to role. */
    roles: z.record(z.string(), role),
    /** What the token it came with may at most; null: a session, which is not limited. */
    permissions: z.nullable(z.array(z.string())),
    /** Of a session. */
    csrf_token: z.nullable(z.string()),
  }),
);

const session = named(
  "Session",
  z.object({
    id: z.uuid(),
    method: z.enum(["password", "link", "oidc"]),
    address: z.string(),
    user_agent: z.string(),
    created_at: time,
    last_seen_at: time,
    expires_at: time,
    is_current: z.boolean(),
  }),
);

export const meRoutes: readonly Route[] = [
  defineRoute({
    id: "getMe",
    method: "GET",
    path: "/v1/me",
    summary: "Who asks, and what they are where",
    tag: "access",
    access: { permission: null, on: "server" },
    responses: { 200: { description: "Whoever asks", schema: me } },
    handle(request) {
      const { principal, active } = callerOf(request);
      const body = {
        kind: principal.kind,
        id: principal.id,
        actor: principal.actorId,
        server_admin: principal.isServerAdmin,
        roles: Object.fromEntries(principal.roles),
        permissions: principal.permissions === null ? null : [...principal.permissions],
        csrf_token: active?.csrfToken ?? null,
      };
      return { status: 200, body };
    },
  }),
  defineRoute({
    id: "setMyPassword",
    method: "POST",
    path: "/v1/me/password",
    summary: "Set one's own password, with the old one where there is one; ends one's other sessions",
    tag: "access",
    access: { permission: "tokens:own", on: "server" },
    body: z.strictObject({ password: secretText, current_password: z.optional(secretText) }),
    responses: { 204: { description: "It is set", schema: null } },
    async handle(request, { access }) {
      const { principal, active } = callerOf(request);
      const { password, current_password: old } = request.body;
      const current = old === undefined ? null : { password: old, address: request.address };
      await access.users.setPassword(principal, principal.id, password, current, active?.session.id ?? null);
      return { status: 204, body: undefined };
    },
  }),
  defineRoute({
    id: "listMySessions",
    method: "GET",
    path: "/v1/me/sessions",
    summary: "Where one is signed in",
    tag: "access",
    access: { permission: "tokens:own", on: "server" },
    responses: { 200: { description: "All of them", schema: z.object({ items: z.array(session) }) } },
    async handle(request, { access }) {
      const { principal, active } = callerOf(request);
      const sessions = await access.sessions.ofUser(principal.id);
      return { status: 200, body: { items: sessions.map((each) => sessionJson(each, active?.session.id)) } };
    },
  }),
  defineRoute({
    id: "endMySession",
    method: "DELETE",
    path: "/v1/me/sessions/{id}",
    summary: "Sign out elsewhere",
    tag: "access",
    access: { permission: "tokens:own", on: "server" },
    params: idParams,
    responses: { 204: { description: "It is over", schema: null } },
    async handle(request, { access }) {
      const principal = principalOf(request);
      const { id } = request.params;
      const sessions = await access.sessions.ofUser(principal.id);
      await access.sessions.close(principal, found(sessions.find((each) => each.id === id) ?? null, "session", id));
      return { status: 204, body: undefined };
    },
  }),
];

function sessionJson(of: SessionInfo, currentId: string | undefined): z.infer<typeof session> {
  return {
    id: of.id,
    method: of.method,
    address: of.address,
    user_agent: of.userAgent,
    created_at: timeOf(of.createdAt),
    last_seen_at: timeOf(of.lastSeenAt),
    expires_at: timeOf(of.expiresAt),
    is_current: of.id === currentId,
  };
}
