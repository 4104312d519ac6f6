import { WaybillError } from "@waybill/core";
import { webhookSource, type WebhookSecretRecord } from "@waybill/projects";
import * as z from "zod/mini";
import { auditEntry } from "../access/audit-entry.ts";
import { defineRoute, type Route } from "../http/route.ts";
import type { Services } from "../services.ts";
import { found, pipelineOf } from "./records.ts";
import { idParams, named, optionalTime, optionalTimeOf, time, timeOf } from "./schemas.ts";

const secretInfo = named(
  "WebhookSecret",
  z.object({
    id: z.uuid(),
    source: z.string(),
    /** Under which the forge knows the repository; null: the address it is fetched from. */
    address: z.nullable(z.string()),
    /** Path and query of the address that webhooks are to be sent to. */
    webhook_path: z.string(),
    created_at: time,
    expires_at: optionalTime,
  }),
);

const createdSecret = named(
  "CreatedWebhookSecret",
  z.extend(secretInfo, {
    /** Shown this once. */
    secret: z.string(),
  }),
);

const SECONDS_OF_A_DAY = 86_400;
const MAX_OVERLAP_S = 30 * SECONDS_OF_A_DAY;

/** Printable, without spaces at its ends: what any forge's form takes. */
const secretText = z
  .string()
  .check(z.minLength(16), z.maxLength(200), z.regex(/^[\x21-\x7e]+$/, "printable characters"));

export const webhookSecretRoutes: readonly Route[] = [
  defineRoute({
    id: "createWebhookSecret",
    method: "POST",
    path: "/v1/pipelines/{id}/webhook-secrets",
    summary:
      "Set what webhooks of a pipeline's repository are signed with; the ones before are valid for a while longer",
    tag: "webhooks",
    access: { permission: "pipelines:write", on: "pipeline" },
    params: idParams,
    body: z.strictObject({
      source: z.string().check(z.maxLength(50)),
      /** Default: one is made. */
      secret: z.optional(secretText),
      /** Under which the forge knows the repository, where it is fetched from another address. */
      address: z.optional(z.string().check(z.maxLength(2048), z.regex(/^(?:https?|ssh):\/\/[^\s]+$/, "an address"))),
      /** How long the secrets before it are valid, too: 0 for one that somebody else has got hold of. */
      overlap_seconds: z.prefault(z.int().check(z.minimum(0), z.maximum(MAX_OVERLAP_S)), SECONDS_OF_A_DAY),
    }),
    responses: { 201: { description: "It is valid from now on", schema: createdSecret } },
    async handle(request, services) {
      const { params, body } = request;
      const repository = await repositoryOf(services, params.id);
      const source = webhookSource(body.source);
      checkForm(source.id, body.secret);
      const { projectId } = repository;
      const context = { source: source.id, repository: repository.url, overlap_seconds: body.overlap_seconds };
      const wanted = {
        source: source.id,
        value: body.secret ?? null,
        address: body.address ?? null,
        overlapMs: body.overlap_seconds * 1000,
      };
      const { record, value } = await services.triggers.secrets.create(repository, wanted, (id) => {
        const resource = `webhook-secret:${id}`;
        return auditEntry(services, request, { action: "WEBHOOK_SECRET_CREATED", resource, projectId, context });
      });
      return { status: 201, body: { ...secretJson(record), secret: value } };
    },
  }),
  defineRoute({
    id: "listWebhookSecrets",
    method: "GET",
    path: "/v1/pipelines/{id}/webhook-secrets",
    summary: "List what webhooks of a pipeline's repository are signed with, without the secrets themselves",
    tag: "webhooks",
    access: { permission: "pipelines:write", on: "pipeline" },
    params: idParams,
    responses: { 200: { description: "All of them, oldest first", schema: z.object({ items: z.array(secretInfo) }) } },
    async handle({ params }, services) {
      const repository = await repositoryOf(services, params.id);
      const secrets = await services.triggers.secrets.ofRepository(repository.id);
      return { status: 200, body: { items: secrets.map(secretJson) } };
    },
  }),
  defineRoute({
    id: "removeWebhookSecret",
    method: "DELETE",
    path: "/v1/pipelines/{id}/webhook-secrets/{secret}",
    summary: "Take webhooks that are signed with it no more",
    tag: "webhooks",
    access: { permission: "pipelines:write", on: "pipeline" },
    params: z.object({ id: z.uuid(), secret: z.uuid() }),
    responses: { 204: { description: "It is gone", schema: null } },
    async handle(request, services) {
      const { params } = request;
      const repository = await repositoryOf(services, params.id);
      const resource = `webhook-secret:${params.secret}`;
      const { projectId, url } = repository;
      const context = { repository: url };
      const entry = { action: "WEBHOOK_SECRET_REMOVED", resource, projectId, context } as const;
      const told = auditEntry(services, request, entry);
      const isRemoved = await services.triggers.secrets.remove(repository.id, params.secret, told);
      if (!isRemoved) throw new WaybillError("WEBHOOK_SECRET_UNKNOWN", { secret: params.secret });
      return { status: 204, body: undefined };
    },
  }),
];

async function repositoryOf(services: Services, pipelineId: string) {
  const { repositoryId } = await pipelineOf(services, pipelineId);
  return found(await services.records.repositories.find(repositoryId), "repository", repositoryId);
}

/** Standard Webhooks are signed with bytes, and a secret that is not in their form would fit no signature ever. */
function checkForm(source: string, secret: string | undefined): void {
  if (secret === undefined || (source !== "generic" && !secret.startsWith("whsec_"))) return;
  const key = secret.replace(/^whsec_/, "");
  const bytes = Buffer.from(key, "base64");
  const isWhole =
    /^[A-Za-z0-9+/]+={0,2}$/.test(key) && bytes.toString("base64").replace(/=+$/, "") === key.replace(/=+$/, "");
  if (!isWhole || bytes.length < 24 || bytes.length > 64) {
    throw new WaybillError("API_INVALID", {
      problem: "body.secret: it is not whsec_ and 24 to 64 bytes in base64; leave it out to have one made",
    });
  }
}

function secretJson({
  id,
  repositoryId,
  source,
  address,
  createdAt,
  expiresAt,
}: WebhookSecretRecord): z.infer<typeof secretInfo> {
  return {
    id,
    source,
    address,
    webhook_path: `/webhooks/${source}?repository=${repositoryId}`,
    created_at: timeOf(createdAt),
    expires_at: optionalTimeOf(expiresAt),
  };
}
