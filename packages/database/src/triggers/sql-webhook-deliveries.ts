import type {
  DeliveryOutcome,
  DeliveryRecord,
  NewDelivery,
  StoredDelivery,
  WebhookDeliveries,
} from "@waybill/projects";
import type { TriggerRowReader } from "./rows.ts";
import type { TriggerSession } from "./session.ts";

/** Deliveries that are looked at to take one: others may take the first ones in the same moment. */
const CANDIDATES = 20;

/** Webhooks on SQL. */
export class SqlWebhookDeliveries implements WebhookDeliveries {
  readonly #session: TriggerSession;
  readonly #rows: TriggerRowReader;

  constructor(session: TriggerSession, rows: TriggerRowReader) {
    this.#session = session;
    this.#rows = rows;
  }

  async receive(delivery: NewDelivery): Promise<"received" | "repeated"> {
    return await this.#session.transaction(async (trx) => {
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto("webhook_deliveries")
        .values({
          id: delivery.id,
          source: delivery.source,
          delivery_id: delivery.deliveryId,
          secret_id: delivery.secretId,
          received_at: delivery.receivedAt,
          headers: JSON.stringify(delivery.headers),
          body: delivery.body,
          settled_at: null,
        })
        .onConflict((conflict) => conflict.columns(["source", "delivery_id"]).doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 1n) return "received";
      // As it came now: what failed may have failed of what it was.
      const { numUpdatedRows } = await trx
        .updateTable("webhook_deliveries")
        .set({
          outcome: "received",
          detail: "",
          settled_at: null,
          attempts: 0,
          claimed_until: 0,
          secret_id: delivery.secretId,
          headers: JSON.stringify(delivery.headers),
          body: delivery.body,
        })
        .where("source", "=", delivery.source)
        .where("delivery_id", "=", delivery.deliveryId)
        .where("outcome", "=", "failed")
        .executeTakeFirst();
      return numUpdatedRows === 1n ? "received" : "repeated";
    });
  }

  async take(now: number, leaseUntil: number): Promise<StoredDelivery | null> {
    const candidates = await this.#session.run((db) =>
      db
        .selectFrom("webhook_deliveries")
        .select(["id", "claimed_until"])
        .where("outcome", "=", "received")
        .where("claimed_until", "<=", now)
        .orderBy("received_at")
        .orderBy("id")
        .limit(CANDIDATES)
        .execute(),
    );
    for (const { id, claimed_until: seen } of candidates) {
      const row = await this.#session.run((db) =>
        db
          .updateTable("webhook_deliveries")
          .set((eb) => ({ claimed_until: leaseUntil, attempts: eb("attempts", "+", 1) }))
          .where("id", "=", id)
          .where("outcome", "=", "received")
          .where("claimed_until", "=", seen)
          .returning(["id", "source", "delivery_id", "secret_id", "received_at", "attempts", "headers", "body"])
          .executeTakeFirst(),
      );
      if (row !== undefined) return this.#rows.storedDelivery(row);
    }
    return null;
  }

  async settle(id: string, outcome: Exclude<DeliveryOutcome, "received">, detail: string, now: number): Promise<void> {
    await this.#session.run((db) =>
      db
        .updateTable("webhook_deliveries")
        .set({ outcome, detail, settled_at: now, claimed_until: 0 })
        .where("id", "=", id)
        .execute(),
    );
  }

  async replay(id: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#session.run((db) =>
      db
        .updateTable("webhook_deliveries")
        .set({ outcome: "received", detail: "", settled_at: null, attempts: 0, claimed_until: 0 })
        .where("id", "=", id)
        .executeTakeFirst(),
    );
    return numUpdatedRows === 1n;
  }

  async list(limit: number): Promise<readonly DeliveryRecord[]> {
    const rows = await this.#session.run((db) =>
      db
        .selectFrom("webhook_deliveries")
        .select(["id", "source", "delivery_id", "secret_id", "received_at", "outcome", "detail", "settled_at"])
        .orderBy("received_at", "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => this.#rows.delivery(row));
  }

  async forget(before: number): Promise<void> {
    await this.#session.run((db) =>
      db
        .deleteFrom("webhook_deliveries")
        .where("received_at", "<", before)
        .where("outcome", "!=", "received")
        .execute(),
    );
  }
}
