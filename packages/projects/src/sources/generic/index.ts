import { deliveryIdFrom } from "../request.ts";
import type { WebhookSource } from "../source.ts";
import { verifyStandardWebhook } from "../standard-webhooks.ts";
import { parseGeneric } from "./parse.ts";

/** Anything that can sign a request in the Standard Webhooks way: another forge, a script, a registry. */
export const genericSource: WebhookSource = {
  id: "generic",
  title: "a generic webhook",
  verify: (request, secrets, clock) => verifyStandardWebhook(request, secrets, clock, "a generic webhook"),
  deliveryId: (request) => deliveryIdFrom(request, ["webhook-id"]),
  parse: parseGeneric,
};
