import * as z from "zod/mini";
import { principalOf } from "../../access/guard.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { idParams, named } from "../schemas.ts";
import { role } from "./access-schemas.ts";

const member = named("Member", z.object({ user_id: z.uuid(), user: z.string(), role }));

const memberParams = z.object({
  id: z.uuid(),
  /** Its id, or its name. */
  user: z.string().check(z.minLength(1), z.maxLength(128)),
});

export const memberRoutes: readonly Route[] = [
  defineRoute({
    id: "listMembers",
    method: "GET",
    path: "/v1/projects/{id}/members",
    summary: "Who has which role in a project",
    tag: "users",
    access: { permission: "members:read", on: "project" },
    params: idParams,
    responses: { 200: { description: "All of them", schema: z.object({ items: z.array(member) }) } },
    async handle(request, { access: { users } }) {
      const members = await users.members(principalOf(request), request.params.id);
      const items = await Promise.all(
        members.map(async (each) => ({
          user_id: each.userId,
          user: (await users.find(each.userId)).name,
          role: each.role,
        })),
      );
      return { status: 200, body: { items } };
    },
  }),
  defineRoute({
    id: "setMember",
    method: "PUT",
    path: "/v1/projects/{id}/members/{user}",
    summary: "Give a user a role in a project, in place of the one it has",
    tag: "users",
    access: { permission: "members:write", on: "project" },
    params: memberParams,
    body: z.strictObject({ role }),
    responses: { 200: { description: "As it is now", schema: member } },
    async handle(request, { access: { users } }) {
      const { params, body } = request;
      const { id, name } = await users.find(params.user);
      await users.grant(principalOf(request), params.id, id, body.role);
      return { status: 200, body: { user_id: id, user: name, role: body.role } };
    },
  }),
  defineRoute({
    id: "removeMember",
    method: "DELETE",
    path: "/v1/projects/{id}/members/{user}",
    summary: "Take a user's role in a project away",
    tag: "users",
    access: { permission: "members:write", on: "project" },
    params: memberParams,
    responses: { 204: { description: "It has none", schema: null } },
    async handle(request, { access: { users } }) {
      const { id } = await users.find(request.params.user);
      await users.revoke(principalOf(request), request.params.id, id);
      return { status: 204, body: undefined };
    },
  }),
];
