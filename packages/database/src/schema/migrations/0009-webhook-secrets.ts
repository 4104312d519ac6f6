import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What webhooks are signed with, and of each webhook which repository it was for and what came of it. */
export const webhookSecretsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("webhook_secrets")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("repository_id", "text", (column) => column.notNull().references("repositories.id"))
      .addColumn("source", "text", (column) => column.notNull())
      .addColumn("address", "text")
      .addColumn("ciphertext", "text", (column) => column.notNull())
      .addColumn("key_id", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("expires_at", "bigint")
      .execute();
    await db.schema
      .createIndex("webhook_secrets_by_repository")
      .on("webhook_secrets")
      .columns(["repository_id", "source"])
      .execute();
    await db.schema.createIndex("webhook_secrets_by_source").on("webhook_secrets").column("source").execute();

    await db.schema.alterTable("webhook_deliveries").addColumn("repository_id", "text").execute();
    await db.schema.alterTable("webhook_deliveries").addColumn("decisions", "text").execute();
  },
};
