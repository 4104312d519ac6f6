import { MAX_WEBHOOK_BYTES } from "@waybill/projects";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { receiveWebhook } from "../triggers/receive-webhook.ts";
import { named } from "./schemas.ts";

const received = named(
  "ReceivedWebhook",
  z.object({ outcome: z.enum(["accepted", "repeated", "ignored"]), detail: z.string(), id: z.nullable(z.uuid()) }),
);

export const webhookReceiverRoutes: readonly Route[] = [
  defineRoute({
    id: "receiveWebhook",
    method: "POST",
    path: "/webhooks/{source}",
    summary: "A signed webhook of GitHub, GitLab, Gitea, Forgejo, or of any sender of Standard Webhooks",
    tag: "webhooks",
    // The signature says who it is from.
    access: null,
    params: z.object({ source: z.string().check(z.maxLength(50)) }),
    query: z.object({
      /** The repository it is about: its secrets alone are tried then. */
      repository: z.optional(z.uuid()),
    }),
    maxBodyBytes: MAX_WEBHOOK_BYTES,
    responses: {
      200: { description: "Nothing is to be done: a ping, or one that came before", schema: received },
      202: { description: "It is kept; what it starts is found out soon", schema: received },
    },
    async handle({ params, query, headers, rawBody }, services) {
      const repository = query.repository ?? null;
      const body = await receiveWebhook(services, params.source, repository, { headers, rawBody });
      return { status: body.outcome === "accepted" ? 202 : 200, body };
    },
  }),
];
