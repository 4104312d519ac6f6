import { createHmac } from "node:crypto";
import { WaybillError, type Clock } from "@waybill/core";
import { header } from "./request.ts";
import { findSecret, isSameSecret } from "./signature.ts";
import type { WebhookRequest, WebhookSecret } from "./source.ts";

/*
 * Standard Webhooks 1.0.0 (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`. The time is signed,
 * so what somebody recorded is of no use a while later.
 */

/** Seconds by which a webhook's time may differ from ours. */
export const TIMESTAMP_TOLERANCE_SECONDS = 300;

/** Signatures in one header; a sender has two at most, while its secret changes. */
const MAX_SIGNATURES = 10;

export const SIGNING_SECRET_PREFIX = "whsec_";

export function isSigningSecret(secret: string): boolean {
  return secret.startsWith(SIGNING_SECRET_PREFIX);
}

/** @param source - named in errors about a secret */
export function verifyStandardWebhook(
  request: WebhookRequest,
  secrets: readonly WebhookSecret[],
  clock: Pick<Clock, "now">,
  source: string,
): string {
  const id = header(request, "webhook-id");
  const timestamp = header(request, "webhook-timestamp");
  const signatures = header(request, "webhook-signature");
  if (signatures === null) throw new WaybillError("WEBHOOK_SIGNATURE_MISSING", { header: "webhook-signature" });
  if (id === null || timestamp === null || !/^\d{1,12}$/.test(timestamp)) {
    const name = id === null ? "webhook-id" : "webhook-timestamp";
    throw new WaybillError("WEBHOOK_HEADER_MISSING", { header: name, source });
  }
  // Other versions are left out: v1a is a different scheme, with keys that are not ours.
  const given = signatures
    .split(" ")
    .slice(0, MAX_SIGNATURES)
    .flatMap((item) => (item.startsWith("v1,") ? [item.slice(3)] : []));
  const keys = new Map(secrets.map((secret) => [secret.id, keyOf(secret.value, source)] as const));
  const found = findSecret(secrets, "webhook-signature", (secret) => {
    const hmac = createHmac("sha256", keys.get(secret.id) ?? "").update(`${id}.${timestamp}.`);
    const expected = hmac.update(request.rawBody).digest("base64");
    // No early end: every one of them is compared.
    return given.filter((signature) => isSameSecret(expected, signature)).length > 0;
  });
  // Behind the signature, so that only who knows the secret learns of our clock.
  if (Math.abs(clock.now() / 1000 - Number(timestamp)) > TIMESTAMP_TOLERANCE_SECONDS) {
    throw new WaybillError("WEBHOOK_TIMESTAMP_OUTSIDE", { seconds: TIMESTAMP_TOLERANCE_SECONDS });
  }
  return found;
}

/** @throws WaybillError `WEBHOOK_SECRET_INVALID` */
function keyOf(secret: string, source: string): Buffer {
  const text = isSigningSecret(secret) ? secret.slice(SIGNING_SECRET_PREFIX.length) : secret;
  const key = Buffer.from(text, "base64");
  // Buffer passes over what is no base64; a key that lost characters is a mistake, not a key.
  const isWhole =
    /^[A-Za-z0-9+/]+={0,2}$/.test(text) && Math.floor((text.replaceAll("=", "").length * 3) / 4) === key.length;
  if (!isWhole || key.length < 24 || key.length > 64) {
    throw new WaybillError("WEBHOOK_SECRET_INVALID", { source, problem: "it is not 24 to 64 bytes in base64" });
  }
  return key;
}
