import type { Clock } from "@waybill/core";
import type { TriggerEvent } from "../triggers/trigger-event.ts";

/** Bytes of a webhook's body. GitHub sends up to 25 MB; nothing that starts a run needs a fifth of that. */
export const MAX_WEBHOOK_BYTES = 5 * 1024 * 1024;

/** A webhook as it came in, before anything in it is believed. */
export interface WebhookRequest {
  /** Names in lower case, as Node has them. A header that came twice is not given, or joined. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Exactly what was sent: signatures are over bytes. At most `MAX_WEBHOOK_BYTES`. */
  readonly rawBody: Uint8Array;
}

/** One of the secrets that a webhook may be signed with: of several repositories, and two while one changes. */
export interface WebhookSecret {
  /** Says later which repositories the webhook may speak for. */
  readonly id: string;
  readonly value: string;
}

export interface ParsedWebhook {
  readonly events: readonly TriggerEvent[];
  /** Why there are no events, in words; null: there are some. */
  readonly ignored: string | null;
}

/** A kind of sender of webhooks. */
export interface WebhookSource {
  /** As in `/webhooks/{source}`. */
  readonly id: string;
  /** As people write it. */
  readonly title: string;
  /**
   * Finds the secret that a webhook is signed with. Every secret is tried, so that the time it takes says nothing.
   *
   * @returns the secret's id. The caller checks that it belongs to the repository that the events are about
   * @throws WaybillError `WEBHOOK_SIGNATURE_MISSING`, `WEBHOOK_SIGNATURE_INVALID`, `WEBHOOK_TIMESTAMP_OUTSIDE`,
   *   `WEBHOOK_SECRET_INVALID`
   */
  verify(request: WebhookRequest, secrets: readonly WebhookSecret[], clock: Pick<Clock, "now">): string;
  /** What the sender calls this delivery, the same when it sends it again; a hash of the body where it says nothing. */
  deliveryId(request: WebhookRequest): string;
  /**
   * What the webhook tells of. To be called once it is verified.
   *
   * @throws WaybillError `WEBHOOK_PAYLOAD_INVALID`, `WEBHOOK_HEADER_MISSING`
   */
  parse(request: WebhookRequest): ParsedWebhook;
}
