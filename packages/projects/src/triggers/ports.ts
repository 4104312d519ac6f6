import type { Alongside } from "@waybill/core";
import type { ConcurrencyGroups } from "../concurrency/ports.ts";
import type { ScheduleTicks } from "../cron/claim-ticks.ts";
import type { StatusOutbox } from "../reporting/outbox.ts";

/** A verified webhook, to be kept before anything is made of it. */
export interface NewDelivery {
  readonly id: string;
  readonly source: string;
  /** The sender's name for it, or a hash: the same delivery is kept once. */
  readonly deliveryId: string;
  /** The secret that it was signed with. */
  readonly secretId: string;
  /** The repository that secret belongs to, for which alone the webhook speaks; null: of an earlier version. */
  readonly repositoryId: string | null;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Those that `parse` needs; no signatures and no tokens. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StoredDelivery extends NewDelivery {
  /** Times somebody has begun to interpret it, this one included. */
  readonly attempts: number;
}

/** `received`: nobody is done with it yet. `failed`: our fault, so that the sender may send it again. */
export const DELIVERY_OUTCOMES = ["received", "started", "ignored", "refused", "failed"] as const;

export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

/** What became of an event for one pipeline. */
export interface TriggerDecision {
  readonly pipelineId: string;
  readonly pipeline: string;
  /** The ref as git names it; null: the event names only a commit. */
  readonly ref: string | null;
  readonly outcome: "started" | "skipped" | "failed";
  /** In words, for people. */
  readonly reason: string;
  /** Of the error it failed of; null: it did not. */
  readonly code: string | null;
  readonly runId: string | null;
  readonly runNumber: number | null;
}

export interface DeliveryRecord extends Omit<NewDelivery, "headers" | "body"> {
  readonly outcome: DeliveryOutcome;
  /** In words, for people. */
  readonly detail: string;
  readonly settledAt: number | null;
  /** For each pipeline that was asked. */
  readonly decisions: readonly TriggerDecision[];
}

/** What came of a delivery. */
export interface DeliverySettlement {
  readonly outcome: Exclude<DeliveryOutcome, "received">;
  readonly detail: string;
  readonly decisions: readonly TriggerDecision[];
}

export interface DeliveryQuery {
  /** Only of repositories of these projects. */
  readonly projectIds?: readonly string[] | undefined;
  /** Only behind this one: how a page follows another one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Webhooks, kept so that none is lost and none counts twice. */
export interface WebhookDeliveries {
  /** @returns `repeated`: it is known, and nothing is to be done. One that failed is `received` again */
  receive(delivery: NewDelivery): Promise<"received" | "repeated">;
  /** Takes the one that has waited longest, for one server alone and until `leaseUntil`; null: there is none. */
  take(now: number, leaseUntil: number): Promise<StoredDelivery | null>;
  /**
   * Goes on having one, or leaves it alone until then. @returns false: it is somebody else's by now, or settled
   */
  extend(delivery: Pick<StoredDelivery, "id" | "attempts">, leaseUntil: number): Promise<boolean>;
  /** To no effect where it is settled already. */
  settle(id: string, settlement: DeliverySettlement, now: number): Promise<void>;
  /** Lets somebody interpret it once more, whatever came of it. @returns false: it is not kept any more */
  replay(id: string, now: number): Promise<boolean>;
  /** Newest first. */
  page(query: DeliveryQuery): Promise<readonly DeliveryRecord[]>;
  /** Drops what was received earlier and is settled. */
  forget(before: number): Promise<void>;
}

/** A secret that webhooks of one repository are signed with, as it is kept. */
export interface WebhookSecretRecord {
  readonly id: string;
  readonly repositoryId: string;
  /** Id of the webhook source. */
  readonly source: string;
  /** Under which the forge knows the repository; null: the one it is fetched from. */
  readonly address: string | null;
  /** Encrypted: signatures need the secret itself. */
  readonly ciphertext: string;
  /** The key it is encrypted with. */
  readonly keyId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When it ceases to be valid, because another one took its place; null: never. */
  readonly expiresAt: number | null;
}

export interface WebhookSecretStore {
  /** Keeps one. Others of its repository and source that do not end earlier end at `othersUntil`. */
  insert(secret: WebhookSecretRecord, othersUntil: number, alongside?: Alongside): Promise<void>;
  /** Those that are valid. @param repositoryId null: of all repositories */
  valid(source: string, repositoryId: string | null, now: number): Promise<readonly WebhookSecretRecord[]>;
  find(id: string): Promise<WebhookSecretRecord | null>;
  /** Oldest first, those that have ended among them. */
  ofRepository(repositoryId: string): Promise<readonly WebhookSecretRecord[]>;
  /**
   * @param alongside not stored where there is nothing to remove
   * @returns false: the repository has none of that id
   */
  remove(repositoryId: string, id: string, alongside?: Alongside): Promise<boolean>;
  /** Those whose key is another one. */
  notEncryptedWith(keyId: string): Promise<readonly WebhookSecretRecord[]>;
  /** Puts another content in place of `expected`, which may have been removed by now. */
  reencrypt(id: string, encrypted: Pick<WebhookSecretRecord, "ciphertext" | "keyId">, expected: string): Promise<void>;
  /** Drops what ended earlier. */
  forget(before: number): Promise<void>;
}

/** The stores of one database. */
export interface TriggerStores {
  readonly deliveries: WebhookDeliveries;
  readonly webhookSecrets: WebhookSecretStore;
  readonly ticks: ScheduleTicks;
  readonly groups: ConcurrencyGroups;
  readonly statuses: StatusOutbox;
}
