import type { Alongside } from "@waybill/core";
import type { WebhookSecretRecord, WebhookSecretStore } from "@waybill/projects";
import { storeAlongside } from "../runs/alongside.ts";
import type { TriggerRowReader } from "./rows.ts";
import type { TriggerSession } from "./session.ts";

const COLUMNS = [
  "id",
  "repository_id",
  "source",
  "address",
  "ciphertext",
  "key_id",
  "created_at",
  "expires_at",
] as const;

/** What webhooks are signed with, on SQL. */
export class SqlWebhookSecrets implements WebhookSecretStore {
  readonly #session: TriggerSession;
  readonly #rows: TriggerRowReader;

  constructor(session: TriggerSession, rows: TriggerRowReader) {
    this.#session = session;
    this.#rows = rows;
  }

  async insert(secret: WebhookSecretRecord, othersUntil: number, alongside?: Alongside): Promise<void> {
    const { id, repositoryId, source, address, ciphertext, keyId, createdAt, expiresAt } = secret;
    await this.#session.transaction(async (trx) => {
      await trx
        .updateTable("webhook_secrets")
        .set({ expires_at: othersUntil })
        .where("repository_id", "=", repositoryId)
        .where("source", "=", source)
        .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", othersUntil)]))
        .execute();
      await trx
        .insertInto("webhook_secrets")
        .values({
          id,
          repository_id: repositoryId,
          source,
          address,
          ciphertext,
          key_id: keyId,
          created_at: createdAt,
          expires_at: expiresAt,
        })
        .execute();
      await storeAlongside(trx, alongside);
    });
  }

  async valid(source: string, repositoryId: string | null, now: number): Promise<readonly WebhookSecretRecord[]> {
    return await this.#secrets((db) => {
      const select = db
        .selectFrom("webhook_secrets")
        .select(COLUMNS)
        .where("source", "=", source)
        .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
        .orderBy("id");
      return (repositoryId === null ? select : select.where("repository_id", "=", repositoryId)).execute();
    });
  }

  async find(id: string): Promise<WebhookSecretRecord | null> {
    const found = await this.#secrets((db) =>
      db.selectFrom("webhook_secrets").select(COLUMNS).where("id", "=", id).execute(),
    );
    return found[0] ?? null;
  }

  async ofRepository(repositoryId: string): Promise<readonly WebhookSecretRecord[]> {
    return await this.#secrets((db) =>
      db
        .selectFrom("webhook_secrets")
        .select(COLUMNS)
        .where("repository_id", "=", repositoryId)
        .orderBy("created_at")
        .orderBy("id")
        .execute(),
    );
  }

  async remove(repositoryId: string, id: string, alongside?: Alongside): Promise<boolean> {
    return await this.#session.transaction(async (trx) => {
      const { numDeletedRows } = await trx
        .deleteFrom("webhook_secrets")
        .where("repository_id", "=", repositoryId)
        .where("id", "=", id)
        .executeTakeFirst();
      if (numDeletedRows !== 1n) return false;
      await storeAlongside(trx, alongside);
      return true;
    });
  }

  async notEncryptedWith(keyId: string): Promise<readonly WebhookSecretRecord[]> {
    return await this.#secrets((db) =>
      db.selectFrom("webhook_secrets").select(COLUMNS).where("key_id", "!=", keyId).orderBy("id").execute(),
    );
  }

  async reencrypt(
    id: string,
    { ciphertext, keyId }: Pick<WebhookSecretRecord, "ciphertext" | "keyId">,
    expected: string,
  ): Promise<void> {
    await this.#session.run((db) =>
      db
        .updateTable("webhook_secrets")
        .set({ ciphertext, key_id: keyId })
        .where("id", "=", id)
        .where("ciphertext", "=", expected)
        .execute(),
    );
  }

  async forget(before: number): Promise<void> {
    await this.#session.run((db) => db.deleteFrom("webhook_secrets").where("expires_at", "<", before).execute());
  }

  async #secrets(
    work: (db: Parameters<Parameters<TriggerSession["run"]>[0]>[0]) => Promise<readonly unknown[]>,
  ): Promise<readonly WebhookSecretRecord[]> {
    return (await this.#session.run(work)).map((row) => this.#rows.secret(row));
  }
}
