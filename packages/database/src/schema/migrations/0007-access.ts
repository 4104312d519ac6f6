import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Users, what they sign in with, secrets, approvals and the audit log. Projects are named, and may be elsewhere. */
export const accessMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createUsers(db);
    await createSignIns(db);
    await createSecrets(db);
    await createApprovals(db);
    await createAuditLog(db);
  },
};

async function createUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("users")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("display_name", "text", (column) => column.notNull())
    .addColumn("email", "text")
    .addColumn("password_hash", "text")
    .addColumn("is_server_admin", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("disabled_at", "bigint")
    .execute();
  await db.schema.createIndex("users_by_email").on("users").column("email").execute();

  await db.schema
    .createTable("project_members")
    .addColumn("project_id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("role", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("members_of_project", ["project_id", "user_id"])
    .execute();
  await db.schema.createIndex("project_members_by_user").on("project_members").column("user_id").execute();

  await db.schema
    .createTable("user_identities")
    .addColumn("issuer", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("identities_of_issuer", ["issuer", "subject"])
    .execute();
  await db.schema.createIndex("user_identities_by_user").on("user_identities").column("user_id").execute();
}

async function createSignIns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("tokens")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("prefix", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.references("users.id").onDelete("cascade"))
    .addColumn("project_id", "text")
    .addColumn("role", "text")
    .addColumn("permissions", "text", (column) => column.notNull())
    .addColumn("created_by", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("last_used_at", "bigint")
    .execute();
  await db.schema.createIndex("tokens_by_prefix").on("tokens").column("prefix").execute();
  await db.schema.createIndex("tokens_by_user").on("tokens").column("user_id").execute();

  await db.schema
    .createTable("sessions")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("method", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_seen_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("address", "text", (column) => column.notNull())
    .addColumn("user_agent", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("sessions_by_user").on("sessions").column("user_id").execute();

  await db.schema
    .createTable("sign_in_links")
    .addColumn("hash", "text", (column) => column.primaryKey().notNull())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();

  await db.schema
    .createTable("oidc_flows")
    .addColumn("hash", "text", (column) => column.primaryKey().notNull())
    .addColumn("binding_hash", "text", (column) => column.notNull())
    .addColumn("nonce", "text", (column) => column.notNull())
    .addColumn("code_verifier", "text", (column) => column.notNull())
    .addColumn("return_to", "text", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
}

async function createSecrets(db: Kysely<unknown>): Promise<void> {
  // Every environment and every branch are the empty text: of NULLs there could be several.
  await db.schema
    .createTable("secrets")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("project_id", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("environment", "text", (column) => column.notNull())
    .addColumn("branch", "text", (column) => column.notNull())
    .addColumn("ciphertext", "text", (column) => column.notNull())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("updated_by", "text", (column) => column.notNull())
    .addUniqueConstraint("secrets_of_project", ["project_id", "name", "environment", "branch"])
    .execute();
}

async function createApprovals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("approvals")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("project_id", "text", (column) => column.notNull())
    .addColumn("run_id", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("environment", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("author_ids", "text", (column) => column.notNull())
    .addColumn("required", "integer", (column) => column.notNull())
    .addColumn("may_author_approve", "integer", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("requested_by", "text", (column) => column.notNull())
    .addColumn("requested_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("settled_at", "bigint")
    .addColumn("version", "integer", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("approvals_by_run").on("approvals").column("run_id").execute();
  await db.schema
    .createIndex("approvals_by_status")
    .on("approvals")
    .columns(["status", "project_id", "requested_at"])
    .execute();

  await db.schema
    .createTable("approval_decisions")
    .addColumn("approval_id", "text", (column) => column.notNull().references("approvals.id").onDelete("cascade"))
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("actor_id", "text", (column) => column.notNull())
    .addColumn("verdict", "text", (column) => column.notNull())
    .addColumn("comment", "text", (column) => column.notNull())
    .addColumn("decided_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("decisions_of_approval", ["approval_id", "position"])
    .addUniqueConstraint("decisions_of_user", ["approval_id", "user_id"])
    .execute();
}

async function createAuditLog(db: Kysely<unknown>): Promise<void> {
  // Only ever inserted into. It outlives what it tells of, so it refers to none of it.
  await db.schema
    .createTable("audit_log")
    .addColumn("seq", "integer", (column) => column.primaryKey().notNull())
    .addColumn("event_id", "text", (column) => column.notNull())
    .addColumn("time", "bigint", (column) => column.notNull())
    .addColumn("actor_id", "text", (column) => column.notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("resource", "text", (column) => column.notNull())
    .addColumn("project_id", "text")
    .addColumn("context", "text", (column) => column.notNull())
    .addColumn("previous_hash", "text", (column) => column.notNull())
    .addColumn("integrity_hash", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("audit_log_by_project").on("audit_log").columns(["project_id", "seq"]).execute();
  await db.schema.createIndex("audit_log_by_actor").on("audit_log").columns(["actor_id", "seq"]).execute();
}
