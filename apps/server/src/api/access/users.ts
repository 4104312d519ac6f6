import type { UserInfo } from "@waybill/access";
import * as z from "zod/mini";
import { principalOf } from "../../access/guard.ts";
import { signInAddress } from "../../access/sign-in-address.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { idParams, named, optionalTimeOf, pageOf, pageQuery, time, timeOf } from "../schemas.ts";
import { user } from "./access-schemas.ts";

const text = z.string().check(z.maxLength(200));

const signInLink = named("SignInLink", z.object({ path: z.string(), expires_at: time }));

export const userRoutes: readonly Route[] = [
  defineRoute({
    id: "listUsers",
    method: "GET",
    path: "/v1/users",
    summary: "List users by name",
    tag: "users",
    access: { permission: "users:manage", on: "server" },
    query: z.extend(pageQuery, { cursor: z.optional(z.string().check(z.maxLength(200), z.regex(/^[a-z0-9._@+-]+$/))) }),
    responses: { 200: { description: "A page of them", schema: pageOf(user) } },
    async handle(request, { access }) {
      const { limit, cursor = "" } = request.query;
      const page = await access.users.list(principalOf(request), cursor, limit + 1);
      const items = page.slice(0, limit);
      const next = page.length > limit ? (items.at(-1)?.name ?? null) : null;
      return { status: 200, body: { items: items.map(userJson), next_cursor: next } };
    },
  }),
  defineRoute({
    id: "createUser",
    method: "POST",
    path: "/v1/users",
    summary: "Invite a user, who signs in by a link, or through the identity provider with this address",
    tag: "users",
    access: { permission: "users:manage", on: "server" },
    body: z.strictObject({
      name: text,
      display_name: z.prefault(text, ""),
      email: z.prefault(z.nullable(text), null),
      server_admin: z.prefault(z.boolean(), false),
    }),
    responses: { 201: { description: "There is one of that name now", schema: user } },
    async handle(request, { access }) {
      const { name, display_name: displayName, email, server_admin: isServerAdmin } = request.body;
      const created = await access.users.create(principalOf(request), { name, displayName, email, isServerAdmin });
      return { status: 201, body: userJson(created), headers: { location: `/v1/users/${created.id}` } };
    },
  }),
  defineRoute({
    id: "getUser",
    method: "GET",
    path: "/v1/users/{id}",
    summary: "One user",
    tag: "users",
    access: { permission: "users:manage", on: "server" },
    params: idParams,
    responses: { 200: { description: "The user", schema: user } },
    async handle({ params }, { access }) {
      return { status: 200, body: userJson(await access.users.find(params.id)) };
    },
  }),
  defineRoute({
    id: "changeUser",
    method: "PATCH",
    path: "/v1/users/{id}",
    summary: "Describe a user, disable or enable it, make it an administrator of the server or none",
    tag: "users",
    access: { permission: "users:manage", on: "server" },
    params: idParams,
    body: z.strictObject({
      display_name: z.optional(text),
      email: z.optional(z.nullable(text)),
      is_disabled: z.optional(z.boolean()),
      server_admin: z.optional(z.boolean()),
    }),
    responses: { 200: { description: "As it is now", schema: user } },
    async handle(request, { access: { users } }) {
      const by = principalOf(request);
      const { id } = request.params;
      const { display_name: displayName, email, is_disabled: isDisabled, server_admin: isServerAdmin } = request.body;
      if (displayName !== undefined || email !== undefined) {
        const described = displayName === undefined ? {} : { displayName };
        await users.describe(by, id, email === undefined ? described : { ...described, email });
      }
      if (isDisabled === true) await users.disable(by, id);
      if (isDisabled === false) await users.enable(by, id);
      if (isServerAdmin !== undefined) await users.setServerAdmin(by, id, isServerAdmin);
      return { status: 200, body: userJson(await users.find(id)) };
    },
  }),
  defineRoute({
    id: "createSignInLink",
    method: "POST",
    path: "/v1/users/{id}/sign-in-link",
    summary: "A link with which a user signs in once, within ten minutes; it is shown once",
    tag: "users",
    access: { permission: "server:admin", on: "server" },
    params: idParams,
    responses: { 201: { description: "The link, without the server's address", schema: signInLink } },
    async handle(request, { access }) {
      const { name } = await access.users.find(request.params.id);
      const link = await access.signIn.issueLink(principalOf(request), name);
      return { status: 201, body: { path: signInAddress("", link), expires_at: timeOf(link.expiresAt) } };
    },
  }),
];

function userJson(of: UserInfo): z.infer<typeof user> {
  return {
    id: of.id,
    name: of.name,
    display_name: of.displayName,
    email: of.email,
    server_admin: of.isServerAdmin,
    has_password: of.hasPassword,
    created_at: timeOf(of.createdAt),
    disabled_at: optionalTimeOf(of.disabledAt),
  };
}
