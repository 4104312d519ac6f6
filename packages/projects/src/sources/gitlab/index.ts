import { WaybillError } from "@waybill/core";
import { deliveryIdFrom, header } from "../request.ts";
import { findSecret, isSameSecret } from "../signature.ts";
import type { WebhookSource } from "../source.ts";
import { isSigningSecret, verifyStandardWebhook } from "../standard-webhooks.ts";
import { parseGitlab } from "./parse.ts";

const TOKEN = "x-gitlab-token";

/**
 * GitLab. Newer versions sign (Standard Webhooks, with a secret that begins with `whsec_`), older ones send the secret
 * itself. A secret serves for one of the two, so that nobody who saw a token can sign with it.
 */
export const gitlabSource: WebhookSource = {
  id: "gitlab",
  title: "GitLab",
  verify(request, secrets, clock) {
    const signing = secrets.filter(({ value }) => isSigningSecret(value));
    if (header(request, "webhook-signature") !== null && signing.length > 0) {
      return verifyStandardWebhook(request, signing, clock, "GitLab");
    }
    const token = header(request, TOKEN);
    if (token === null) throw new WaybillError("WEBHOOK_SIGNATURE_MISSING", { header: TOKEN });
    const plain = secrets.filter(({ value }) => !isSigningSecret(value));
    return findSecret(plain, TOKEN, ({ value }) => isSameSecret(value, token));
  },
  deliveryId: (request) => deliveryIdFrom(request, ["webhook-id", "idempotency-key", "x-gitlab-event-uuid"]),
  parse: parseGitlab,
};
