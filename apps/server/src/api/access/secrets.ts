import { MAX_SECRET_BYTES, type SecretInfo } from "@waybill/access";
import * as z from "zod/mini";
import { principalOf } from "../../access/guard.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { idParams, named, time, timeOf } from "../schemas.ts";

const secret = named(
  "Secret",
  z.object({
    id: z.uuid(),
    name: z.string(),
    /** Empty: every environment, and none. */
    environment: z.string(),
    /** A branch or a pattern of branches; empty: every branch, and none. */
    branch: z.string(),
    created_at: time,
    updated_at: time,
    updated_by: z.string(),
  }),
);

const scopePart = z.prefault(z.string().check(z.maxLength(200)), "");
const scope = { environment: scopePart, branch: scopePart };
const secretParams = z.object({ id: z.uuid(), name: z.string().check(z.minLength(1), z.maxLength(128)) });

/** What of a JSON body is a value of that size, each of its bytes escaped. */
const MAX_BODY_BYTES = 6 * MAX_SECRET_BYTES + 4096;

export const secretRoutes: readonly Route[] = [
  defineRoute({
    id: "listSecrets",
    method: "GET",
    path: "/v1/projects/{id}/secrets",
    summary: "Names and scopes of a project's secrets; nobody is shown a value",
    tag: "secrets",
    access: { permission: "secrets:list", on: "project" },
    params: idParams,
    responses: { 200: { description: "All of them", schema: z.object({ items: z.array(secret) }) } },
    async handle(request, { access }) {
      const secrets = await access.secrets.list(principalOf(request), request.params.id);
      return { status: 200, body: { items: secrets.map(secretJson) } };
    },
  }),
  defineRoute({
    id: "setSecret",
    method: "PUT",
    path: "/v1/projects/{id}/secrets/{name}",
    summary: "Keep a secret, in place of the one of the same name and scope",
    tag: "secrets",
    access: { permission: "secrets:write", on: "project" },
    params: secretParams,
    body: z.strictObject({ value: z.string().check(z.maxLength(MAX_SECRET_BYTES)), ...scope }),
    maxBodyBytes: MAX_BODY_BYTES,
    responses: { 200: { description: "What may be shown of it", schema: secret } },
    async handle(request, { access }) {
      const { id, name } = request.params;
      const { value, environment, branch } = request.body;
      const key = { projectId: id, name, environment, branch };
      return { status: 200, body: secretJson(await access.secrets.set(principalOf(request), key, value)) };
    },
  }),
  defineRoute({
    id: "removeSecret",
    method: "DELETE",
    path: "/v1/projects/{id}/secrets/{name}",
    summary: "Forget a secret of this name and scope",
    tag: "secrets",
    access: { permission: "secrets:write", on: "project" },
    params: secretParams,
    query: z.strictObject(scope),
    responses: { 204: { description: "It is gone", schema: null } },
    async handle(request, { access }) {
      const { id, name } = request.params;
      await access.secrets.remove(principalOf(request), { projectId: id, name, ...request.query });
      return { status: 204, body: undefined };
    },
  }),
  defineRoute({
    id: "reencryptSecrets",
    method: "POST",
    path: "/v1/secrets/reencrypt",
    summary: "Encrypt anew what is not encrypted with the newest key; interrupted, it goes on when it is called again",
    tag: "secrets",
    access: { permission: "server:admin", on: "server" },
    responses: {
      200: {
        description: "How many were; those that no key of the server decrypts stay as they are",
        schema: z.object({ reencrypted: z.int(), unreadable: z.array(secret), missing_keys: z.array(z.string()) }),
      },
    },
    async handle(request, { access }) {
      const { reencrypted, unreadable } = await access.secrets.reencrypt(principalOf(request));
      const missing = await access.secrets.missingKeys();
      return {
        status: 200,
        body: { reencrypted, unreadable: unreadable.map(secretJson), missing_keys: [...missing] },
      };
    },
  }),
];

function secretJson(of: SecretInfo): z.infer<typeof secret> {
  return {
    id: of.id,
    name: of.name,
    environment: of.environment,
    branch: of.branch,
    created_at: timeOf(of.createdAt),
    updated_at: timeOf(of.updatedAt),
    updated_by: of.updatedBy,
  };
}
