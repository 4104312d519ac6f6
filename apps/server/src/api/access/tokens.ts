import type { CreatedToken, TokenInfo } from "@waybill/access";
import * as z from "zod/mini";
import { principalOf } from "../../access/guard.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { idParams, named, optionalTime, optionalTimeOf, time, timeOf } from "../schemas.ts";
import { permission, role, timestamp } from "./access-schemas.ts";

const token = named(
  "Token",
  z.object({
    id: z.uuid(),
    kind: z.enum(["personal", "machine"]),
    name: z.string(),
    /** The first characters of its text. */
    prefix: z.string(),
    project_id: z.nullable(z.uuid()),
    role: z.nullable(role),
    permissions: z.array(permission),
    created_by: z.string(),
    created_at: time,
    expires_at: optionalTime,
    last_used_at: optionalTime,
  }),
);

const createdToken = named("CreatedToken", z.object({ token, text: z.string() }));

const MAX_PERMISSIONS = 50;

const newToken = z.strictObject({
  name: z.string().check(z.maxLength(100)),
  permissions: z.array(permission).check(z.maxLength(MAX_PERMISSIONS)),
  /** Default: in 90 days. */
  expires_at: z.optional(timestamp),
});

export const tokenRoutes: readonly Route[] = [
  defineRoute({
    id: "listMyTokens",
    method: "GET",
    path: "/v1/tokens",
    summary: "One's own tokens",
    tag: "tokens",
    access: { permission: "tokens:own", on: "server" },
    responses: { 200: { description: "All of them", schema: z.object({ items: z.array(token) }) } },
    async handle(request, { access }) {
      return { status: 200, body: { items: (await access.tokens.ofUser(principalOf(request).id)).map(tokenJson) } };
    },
  }),
  defineRoute({
    id: "createMyToken",
    method: "POST",
    path: "/v1/tokens",
    summary: "A token of one's own, which may of what one may oneself what it names; its text is shown once",
    tag: "tokens",
    access: { permission: "tokens:own", on: "server" },
    body: z.extend(newToken, { project_id: z.prefault(z.nullable(z.uuid()), null) }),
    responses: { 201: { description: "The token", schema: createdToken } },
    async handle(request, { access }) {
      const { name, permissions, project_id: projectId, expires_at: expiresAt } = request.body;
      const asked = { name, permissions, projectId, ...lifeOf(expiresAt) };
      return { status: 201, body: createdJson(await access.tokens.createPersonal(principalOf(request), asked)) };
    },
  }),
  defineRoute({
    id: "revokeToken",
    method: "DELETE",
    path: "/v1/tokens/{id}",
    summary: "Revoke a token of one's own, or of a machine of a project that one administers",
    tag: "tokens",
    access: { permission: null, on: "server" },
    params: idParams,
    responses: { 204: { description: "It is worth nothing any more", schema: null } },
    async handle(request, { access }) {
      await access.tokens.revoke(principalOf(request), request.params.id);
      return { status: 204, body: undefined };
    },
  }),
  defineRoute({
    id: "listMachineTokens",
    method: "GET",
    path: "/v1/projects/{id}/tokens",
    summary: "Tokens of machines of a project",
    tag: "tokens",
    access: { permission: "tokens:manage", on: "project" },
    params: idParams,
    responses: { 200: { description: "All of them", schema: z.object({ items: z.array(token) }) } },
    async handle(request, { access }) {
      const tokens = await access.tokens.ofProject(principalOf(request), request.params.id);
      return { status: 200, body: { items: tokens.map(tokenJson) } };
    },
  }),
  defineRoute({
    id: "createMachineToken",
    method: "POST",
    path: "/v1/projects/{id}/tokens",
    summary: "A token of a machine, which belongs to a project; its text is shown once",
    tag: "tokens",
    access: { permission: "tokens:manage", on: "project" },
    params: idParams,
    body: z.extend(newToken, { role }),
    responses: { 201: { description: "The token", schema: createdToken } },
    async handle(request, { access }) {
      const { name, permissions, role: wanted, expires_at: expiresAt } = request.body;
      const asked = { name, permissions, ...lifeOf(expiresAt) };
      const created = await access.tokens.createMachine(principalOf(request), request.params.id, wanted, asked);
      return { status: 201, body: createdJson(created) };
    },
  }),
];

function lifeOf(expiresAt: string | undefined): { readonly expiresAt?: number } {
  return expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) };
}

function createdJson({ token: of, text }: CreatedToken): z.infer<typeof createdToken> {
  return { token: tokenJson(of), text };
}

function tokenJson(of: TokenInfo): z.infer<typeof token> {
  return {
    id: of.id,
    kind: of.kind,
    name: of.name,
    prefix: of.prefix,
    project_id: of.projectId,
    role: of.role,
    permissions: [...of.permissions],
    created_by: of.createdBy,
    created_at: timeOf(of.createdAt),
    expires_at: optionalTimeOf(of.expiresAt),
    last_used_at: optionalTimeOf(of.lastUsedAt),
  };
}
