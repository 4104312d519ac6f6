import type { TokenRecord, TokenTable } from "@waybill/access";
import type { AccessSession } from "./session.ts";

export class SqlTokenTable implements TokenTable {
  readonly #session: AccessSession;

  constructor(session: AccessSession) {
    this.#session = session;
  }

  async insert(token: TokenRecord): Promise<void> {
    const query = this.#session.db.insertInto("tokens").values({
      id: token.id,
      kind: token.kind,
      name: token.name,
      prefix: token.prefix,
      hash: token.hash,
      user_id: token.userId,
      project_id: token.projectId,
      role: token.role,
      permissions: JSON.stringify(token.permissions),
      created_by: token.createdBy,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
      last_used_at: token.lastUsedAt,
    });
    await this.#session.guard(() => query.execute());
  }

  async find(id: string): Promise<TokenRecord | null> {
    const query = this.#session.db.selectFrom("tokens").selectAll().where("id", "=", id);
    const row = await this.#session.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.#session.rows.token(row);
  }

  async findByPrefix(prefix: string): Promise<readonly TokenRecord[]> {
    const query = this.#session.db.selectFrom("tokens").selectAll().where("prefix", "=", prefix);
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.token(row));
  }

  async ofUser(userId: string): Promise<readonly TokenRecord[]> {
    const query = this.#session.db.selectFrom("tokens").selectAll().where("user_id", "=", userId).orderBy("id");
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.token(row));
  }

  async ofProject(projectId: string | null): Promise<readonly TokenRecord[]> {
    const query = this.#session.db
      .selectFrom("tokens")
      .selectAll()
      .where("user_id", "is", null)
      .where("project_id", projectId === null ? "is" : "=", projectId)
      .orderBy("id");
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.token(row));
  }

  async touch(id: string, at: number): Promise<void> {
    const query = this.#session.db.updateTable("tokens").set({ last_used_at: at }).where("id", "=", id);
    await this.#session.guard(() => query.execute());
  }

  async remove(id: string): Promise<boolean> {
    const query = this.#session.db.deleteFrom("tokens").where("id", "=", id);
    return (await this.#session.guard(() => query.executeTakeFirst())).numDeletedRows === 1n;
  }

  async removeExpired(before: number): Promise<number> {
    const query = this.#session.db.deleteFrom("tokens").where("expires_at", "<", before);
    return Number((await this.#session.guard(() => query.executeTakeFirst())).numDeletedRows);
  }
}
