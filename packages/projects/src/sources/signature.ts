import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { WaybillError } from "@waybill/core";
import type { WebhookSecret } from "./source.ts";

/** Whether two texts are the same, in a time that depends on neither: hashes have one length. */
export function isSameSecret(left: string, right: string): boolean {
  return timingSafeEqual(sha256(left), sha256(right));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/**
 * Finds the secret that fits. All are tried, also behind one that does.
 *
 * @param headerName - named in the error
 * @throws WaybillError `WEBHOOK_SIGNATURE_INVALID`
 */
export function findSecret(
  secrets: readonly WebhookSecret[],
  headerName: string,
  fits: (secret: WebhookSecret) => boolean,
): string {
  let found: string | null = null;
  for (const secret of secrets) {
    // An empty secret would let everybody in.
    const isFit = fits(secret) && secret.value !== "";
    if (isFit) found ??= secret.id;
  }
  if (found === null) throw new WaybillError("WEBHOOK_SIGNATURE_INVALID", { header: headerName });
  return found;
}

/**
 * Checks an HMAC-SHA256 of the body, in hexadecimal.
 *
 * @param given - of the header, without its prefix; null: the header is missing
 */
export function verifyHexHmac(
  given: string | null,
  body: Uint8Array,
  secrets: readonly WebhookSecret[],
  headerName: string,
): string {
  if (given === null) throw new WaybillError("WEBHOOK_SIGNATURE_MISSING", { header: headerName });
  const signature = given.toLowerCase();
  return findSecret(secrets, headerName, ({ value }) =>
    isSameSecret(createHmac("sha256", value).update(body).digest("hex"), signature),
  );
}
