import type { SecretKey, SecretRecord, SecretTable } from "@waybill/access";
import type { AccessSession } from "./session.ts";

export class SqlSecretTable implements SecretTable {
  readonly #session: AccessSession;

  constructor(session: AccessSession) {
    this.#session = session;
  }

  async find({ projectId, name, environment, branch }: SecretKey): Promise<SecretRecord | null> {
    const query = this.#session.db
      .selectFrom("secrets")
      .selectAll()
      .where("project_id", "=", projectId)
      .where("name", "=", name)
      .where("environment", "=", environment)
      .where("branch", "=", branch);
    const row = await this.#session.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.#session.rows.secret(row);
  }

  async ofProject(projectId: string): Promise<readonly SecretRecord[]> {
    const query = this.#session.db
      .selectFrom("secrets")
      .selectAll()
      .where("project_id", "=", projectId)
      .orderBy("name")
      .orderBy("environment")
      .orderBy("branch");
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.secret(row));
  }

  lock(projectId: string): Promise<void> {
    return this.#session.lock(`secrets of ${projectId}`);
  }

  async count(projectId: string): Promise<number> {
    const query = this.#session.db
      .selectFrom("secrets")
      .select((builder) => builder.fn.countAll<number>().as("count"))
      .where("project_id", "=", projectId);
    return (await this.#session.guard(() => query.executeTakeFirstOrThrow())).count;
  }

  async insert(secret: SecretRecord): Promise<void> {
    const query = this.#session.db.insertInto("secrets").values({
      id: secret.id,
      project_id: secret.projectId,
      name: secret.name,
      environment: secret.environment,
      branch: secret.branch,
      ciphertext: secret.ciphertext,
      key_id: secret.keyId,
      created_at: secret.createdAt,
      updated_at: secret.updatedAt,
      updated_by: secret.updatedBy,
    });
    await this.#session.guard(() => query.execute());
  }

  async replace(secret: SecretRecord, expected: string | null): Promise<boolean> {
    let query = this.#session.db
      .updateTable("secrets")
      .set({
        ciphertext: secret.ciphertext,
        key_id: secret.keyId,
        updated_at: secret.updatedAt,
        updated_by: secret.updatedBy,
      })
      .where("id", "=", secret.id);
    if (expected !== null) query = query.where("ciphertext", "=", expected);
    return (await this.#session.guard(() => query.executeTakeFirst())).numUpdatedRows === 1n;
  }

  async remove(id: string): Promise<boolean> {
    const query = this.#session.db.deleteFrom("secrets").where("id", "=", id);
    return (await this.#session.guard(() => query.executeTakeFirst())).numDeletedRows === 1n;
  }

  async removeOfProject(projectId: string): Promise<number> {
    const query = this.#session.db.deleteFrom("secrets").where("project_id", "=", projectId);
    return Number((await this.#session.guard(() => query.executeTakeFirst())).numDeletedRows);
  }

  async notEncryptedWith(keyId: string, afterId: string, limit: number): Promise<readonly SecretRecord[]> {
    const query = this.#session.db
      .selectFrom("secrets")
      .selectAll()
      .where("key_id", "!=", keyId)
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(limit);
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.secret(row));
  }

  async keyIds(): Promise<readonly string[]> {
    const query = this.#session.db.selectFrom("secrets").select("key_id").distinct().orderBy("key_id");
    return (await this.#session.guard(() => query.execute())).map((row) => row.key_id);
  }
}
