import { WaybillError } from "@waybill/core";
import { MAX_WEBHOOK_BYTES, webhookSource, type WebhookRequest, type WebhookSecret } from "@waybill/projects";
import { randomBytes } from "node:crypto";
import type { Services } from "../services.ts";

export interface ReceivedWebhook {
  /** `accepted`: it is kept, and interpreted soon. */
  readonly outcome: "accepted" | "repeated" | "ignored";
  readonly detail: string;
  /** Id of the delivery here; null: it was here before. */
  readonly id: string | null;
}

/** Headers that say what a webhook is. None of them proves anything, so they may be kept. */
const KEPT_HEADERS = [
  "content-type",
  "x-github-event",
  "x-gitlab-event",
  "x-gitea-event",
  "x-gitea-event-type",
  "x-forgejo-event",
  "x-forgejo-event-type",
];

/**
 * Checks who a webhook is from, and keeps it. What it starts is found out behind the answer, by whichever server takes it
 * first; so senders need not wait, and nothing is lost by the end of a server.
 *
 * Whoever does not know a secret learns nothing: a repository that is not known, one without a secret and a wrong
 * signature are answered alike.
 *
 * @param repositoryId as the webhook's address names it, so that its secrets alone are tried; null: all are
 * @throws WaybillError `WEBHOOK_*`
 */
export async function receiveWebhook(
  { clock, ids, triggers }: Services,
  sourceId: string,
  repositoryId: string | null,
  request: WebhookRequest,
): Promise<ReceivedWebhook> {
  const source = webhookSource(sourceId);
  if (request.rawBody.length > MAX_WEBHOOK_BYTES)
    throw new WaybillError("API_BODY_TOO_LARGE", { bytes: MAX_WEBHOOK_BYTES });
  const secrets = await triggers.secrets.valid(source.id, repositoryId);
  const secretId = source.verify(request, secrets.length === 0 ? [nobodys()] : secrets, clock);
  const secret = await triggers.secrets.find(secretId);
  // Removed in this moment.
  if (secret === null) throw new WaybillError("WEBHOOK_SIGNATURE_INVALID", { header: "the webhook" });
  const body = textOf(request.rawBody);
  if (body === null)
    throw new WaybillError("WEBHOOK_PAYLOAD_INVALID", { source: source.title, problem: "it is not UTF-8" });
  const id = ids.next();
  const headers = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === "string" ? [[name, value.slice(0, 200)] as const] : [];
    }),
  );
  const kept = await triggers.stores.deliveries.receive({
    id,
    source: source.id,
    // One sender's names must not stand in the way of another's.
    deliveryId: `${secret.repositoryId}:${source.deliveryId(request)}`,
    secretId,
    repositoryId: secret.repositoryId,
    receivedAt: clock.now(),
    headers,
    body,
  });
  if (kept === "repeated") return { outcome: "repeated", detail: "it has been received before", id: null };
  const ignored = ignoredBecause(() => source.parse(request).ignored);
  if (ignored === null) {
    triggers.worker.wake();
    return { outcome: "accepted", detail: "it is interpreted now", id };
  }
  const isPing = !(ignored instanceof WaybillError);
  const detail = isPing ? ignored : ignored.message;
  await triggers.stores.deliveries.settle(
    id,
    { outcome: isPing ? "ignored" : "refused", detail, decisions: [] },
    clock.now(),
  );
  if (!isPing) throw ignored;
  return { outcome: "ignored", detail, id };
}

/** Checked against where there is no secret, so that it takes as long. */
function nobodys(): WebhookSecret {
  return { id: "", value: `whsec_${randomBytes(32).toString("base64")}` };
}

/** Null where it is no UTF-8, or has what no database keeps as text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

function ignoredBecause(parse: () => string | null): string | WaybillError | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof WaybillError) return error;
    throw error;
  }
}
