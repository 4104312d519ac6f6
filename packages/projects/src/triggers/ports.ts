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

export interface DeliveryRecord extends Omit<NewDelivery, "headers" | "body"> {
  readonly outcome: DeliveryOutcome;
  /** In words, for people. */
  readonly detail: string;
  readonly settledAt: number | null;
}

/** Webhooks, kept so that none is lost and none counts twice. */
export interface WebhookDeliveries {
  /** @returns `repeated`: it is known, and nothing is to be done. One that failed is `received` again */
  receive(delivery: NewDelivery): Promise<"received" | "repeated">;
  /** Takes the one that has waited longest, for one server alone and until `leaseUntil`; null: there is none. */
  take(now: number, leaseUntil: number): Promise<StoredDelivery | null>;
  settle(id: string, outcome: Exclude<DeliveryOutcome, "received">, detail: string, now: number): Promise<void>;
  /** Lets somebody interpret it once more, whatever came of it. @returns false: it is not kept any more */
  replay(id: string): Promise<boolean>;
  /** Newest first. */
  list(limit: number): Promise<readonly DeliveryRecord[]>;
  /** Drops what was received earlier and is settled. */
  forget(before: number): Promise<void>;
}

/** The stores of one database. */
export interface TriggerStores {
  readonly deliveries: WebhookDeliveries;
  readonly ticks: ScheduleTicks;
  readonly groups: ConcurrencyGroups;
  readonly statuses: StatusOutbox;
}
