import type { NewServerEvent } from "@waybill/core";
import type {
  DeliveryQuery,
  DeliveryRecord,
  DeliverySettlement,
  NewDelivery,
  StoredDelivery,
  WebhookDeliveries,
} from "@waybill/projects";
import type { Transaction } from "kysely";
import type { Tables } from "../schema/tables.ts";
import { appendServerEvents } from "../server-events/append-server-events.ts";
import type { TriggerRowReader } from "./rows.ts";
import type { TriggerSession } from "./session.ts";

/** Deliveries that are looked at to take one: others may take the first ones in the same moment. */
const CANDIDATES = 20;

const DELIVERY_COLUMNS = ["id", "source", "delivery_id", "secret_id", "repository_id", "received_at"] as const;

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
          repository_id: delivery.repositoryId,
          decisions: null,
          received_at: delivery.receivedAt,
          headers: JSON.stringify(delivery.headers),
          body: delivery.body,
          settled_at: null,
        })
        .onConflict((conflict) => conflict.columns(["source", "delivery_id"]).doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 1n) {
        await this.#tell(trx, delivery, delivery.receivedAt, received(false));
        return "received";
      }
      // As it came now: what failed may have failed of what it was.
      const again = await trx
        .updateTable("webhook_deliveries")
        .set({
          outcome: "received",
          detail: "",
          settled_at: null,
          attempts: 0,
          claimed_until: 0,
          decisions: null,
          secret_id: delivery.secretId,
          repository_id: delivery.repositoryId,
          headers: JSON.stringify(delivery.headers),
          body: delivery.body,
        })
        .where("source", "=", delivery.source)
        .where("delivery_id", "=", delivery.deliveryId)
        .where("outcome", "=", "failed")
        .returning(["id", "source", "repository_id as repositoryId"])
        .executeTakeFirst();
      if (again === undefined) return "repeated";
      await this.#tell(trx, again, delivery.receivedAt, received(true));
      return "received";
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
          .returning([...DELIVERY_COLUMNS, "attempts", "headers", "body"])
          .executeTakeFirst(),
      );
      if (row !== undefined) return this.#rows.storedDelivery(row);
    }
    return null;
  }

  async extend({ id, attempts }: Pick<StoredDelivery, "id" | "attempts">, leaseUntil: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#session.run((db) =>
      db
        .updateTable("webhook_deliveries")
        .set({ claimed_until: leaseUntil })
        .where("id", "=", id)
        .where("outcome", "=", "received")
        // Who takes it over counts one more.
        .where("attempts", "=", attempts)
        .executeTakeFirst(),
    );
    return numUpdatedRows === 1n;
  }

  async settle(id: string, { outcome, detail, decisions }: DeliverySettlement, now: number): Promise<void> {
    await this.#session.transaction(async (trx) => {
      const settled = await trx
        .updateTable("webhook_deliveries")
        .set({ outcome, detail, decisions: JSON.stringify(decisions), settled_at: now, claimed_until: 0 })
        .where("id", "=", id)
        // Two servers may have interpreted it: the same runs are made, and it is told once.
        .where("outcome", "=", "received")
        .returning(["id", "source", "repository_id as repositoryId"])
        .executeTakeFirst();
      if (settled === undefined) return;
      const run_ids = decisions.flatMap(({ runId }) => (runId === null ? [] : [runId]));
      await this.#tell(trx, settled, now, (of) =>
        outcome === "refused"
          ? { type: "delivery.refused", fields: of }
          : { type: "delivery.interpreted", fields: { ...of, outcome, run_ids } },
      );
    });
  }

  async replay(id: string, now: number): Promise<boolean> {
    return await this.#session.transaction(async (trx) => {
      const again = await trx
        .updateTable("webhook_deliveries")
        .set({ outcome: "received", detail: "", settled_at: null, attempts: 0, claimed_until: 0 })
        .where("id", "=", id)
        .returning(["id", "source", "repository_id as repositoryId"])
        .executeTakeFirst();
      if (again === undefined) return false;
      await this.#tell(trx, again, now, received(true));
      return true;
    });
  }

  async page({ projectIds, before, limit }: DeliveryQuery): Promise<readonly DeliveryRecord[]> {
    // An empty list of values is no SQL.
    if (projectIds?.length === 0) return [];
    const rows = await this.#session.run((db) => {
      let select = db
        .selectFrom("webhook_deliveries")
        .select([...DELIVERY_COLUMNS, "outcome", "detail", "settled_at", "decisions"]);
      if (projectIds !== undefined) {
        const repositories = db.selectFrom("repositories").select("id").where("project_id", "in", projectIds);
        select = select.where("repository_id", "in", repositories);
      }
      if (before !== undefined) select = select.where("id", "<", before);
      // Ids sort by the time they were made at.
      return select.orderBy("id", "desc").limit(limit).execute();
    });
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

  /** Those who follow the project of its repository. */
  async #tell(
    trx: Transaction<Tables>,
    delivery: Told,
    time: number,
    told: (of: DeliveryFields) => DeliveryEvent,
  ): Promise<void> {
    const { id, source, repositoryId } = delivery;
    const repository = await trx
      .selectFrom("repositories")
      .select("project_id")
      .where("id", "=", repositoryId ?? "")
      .executeTakeFirst();
    const event = told({ delivery_id: id, source, repository_id: repositoryId });
    const projectId = repository?.project_id ?? null;
    await appendServerEvents(this.#session.database, trx, [{ ...event, time, projectId }]);
  }
}

type Told = Pick<NewDelivery, "id" | "source" | "repositoryId">;

type DeliveryFields = Extract<NewServerEvent, { readonly type: "delivery.refused" }>["fields"];

type DeliveryEvent = Distributed<Extract<NewServerEvent, { readonly type: `delivery.${string}` }>>;

type Distributed<Event> = Event extends NewServerEvent ? Pick<Event, "type" | "fields"> : never;

function received(isRepeated: boolean): (of: DeliveryFields) => DeliveryEvent {
  return (of) => ({ type: "delivery.received", fields: { ...of, is_repeated: isRepeated } });
}
