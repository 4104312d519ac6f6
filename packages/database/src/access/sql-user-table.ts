import type { IdentityRecord, MemberRecord, Role, UserChange, UserRecord, UserTable } from "@waybill/access";
import type { AccessSession } from "./session.ts";

/** Rows of one page at most, whatever is asked for. */
const MOST_MEMBERS = 10_000;

export class SqlUserTable implements UserTable {
  readonly #session: AccessSession;

  constructor(session: AccessSession) {
    this.#session = session;
  }

  async insert(user: UserRecord): Promise<boolean> {
    const query = this.#session.db
      .insertInto("users")
      .values({
        id: user.id,
        name: user.name,
        display_name: user.displayName,
        email: user.email,
        password_hash: user.passwordHash,
        is_server_admin: Number(user.isServerAdmin),
        created_at: user.createdAt,
        disabled_at: user.disabledAt,
      })
      .onConflict((conflict) => conflict.column("name").doNothing());
    const { numInsertedOrUpdatedRows } = await this.#session.guard(() => query.executeTakeFirst());
    return numInsertedOrUpdatedRows === 1n;
  }

  find(id: string): Promise<UserRecord | null> {
    return this.#findBy("id", id);
  }

  findByName(name: string): Promise<UserRecord | null> {
    return this.#findBy("name", name);
  }

  async #findBy(column: "id" | "name", value: string): Promise<UserRecord | null> {
    const query = this.#session.db.selectFrom("users").selectAll().where(column, "=", value);
    const row = await this.#session.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.#session.rows.user(row);
  }

  async findByEmail(email: string): Promise<readonly UserRecord[]> {
    const query = this.#session.db.selectFrom("users").selectAll().where("email", "=", email).orderBy("id").limit(2);
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.user(row));
  }

  async list(afterName: string, limit: number): Promise<readonly UserRecord[]> {
    const query = this.#session.db
      .selectFrom("users")
      .selectAll()
      .where("name", ">", afterName)
      .orderBy("name")
      .limit(limit);
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.user(row));
  }

  async update(id: string, change: UserChange): Promise<boolean> {
    const columns = {
      ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
      ...(change.email === undefined ? {} : { email: change.email }),
      ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
      ...(change.isServerAdmin === undefined ? {} : { is_server_admin: Number(change.isServerAdmin) }),
      ...(change.disabledAt === undefined ? {} : { disabled_at: change.disabledAt }),
    };
    if (Object.keys(columns).length === 0) return (await this.find(id)) !== null;
    const query = this.#session.db.updateTable("users").set(columns).where("id", "=", id);
    return (await this.#session.guard(() => query.executeTakeFirst())).numUpdatedRows === 1n;
  }

  lock(): Promise<void> {
    return this.#session.lock("users");
  }

  async countAdministrators(): Promise<number> {
    const query = this.#session.db
      .selectFrom("users")
      .select((builder) => builder.fn.countAll<number>().as("count"))
      .where("is_server_admin", "=", 1)
      .where("disabled_at", "is", null);
    return (await this.#session.guard(() => query.executeTakeFirstOrThrow())).count;
  }

  async count(): Promise<number> {
    const query = this.#session.db.selectFrom("users").select((builder) => builder.fn.countAll<number>().as("count"));
    return (await this.#session.guard(() => query.executeTakeFirstOrThrow())).count;
  }

  async roles(userId: string): Promise<ReadonlyMap<string, Role>> {
    const query = this.#session.db.selectFrom("project_members").selectAll().where("user_id", "=", userId);
    const members = (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.member(row));
    return new Map(members.map(({ projectId, role }) => [projectId, role]));
  }

  async members(projectId: string): Promise<readonly MemberRecord[]> {
    const query = this.#session.db
      .selectFrom("project_members")
      .selectAll()
      .where("project_id", "=", projectId)
      .orderBy("user_id")
      .limit(MOST_MEMBERS);
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.member(row));
  }

  async setRole({ projectId, userId, role }: MemberRecord): Promise<void> {
    const query = this.#session.db
      .insertInto("project_members")
      .values({ project_id: projectId, user_id: userId, role })
      .onConflict((conflict) => conflict.columns(["project_id", "user_id"]).doUpdateSet({ role }));
    await this.#session.guard(() => query.execute());
  }

  async removeRole(projectId: string, userId: string): Promise<boolean> {
    const query = this.#session.db
      .deleteFrom("project_members")
      .where("project_id", "=", projectId)
      .where("user_id", "=", userId);
    return (await this.#session.guard(() => query.executeTakeFirst())).numDeletedRows === 1n;
  }

  async identity(issuer: string, subject: string): Promise<IdentityRecord | null> {
    const query = this.#session.db
      .selectFrom("user_identities")
      .selectAll()
      .where("issuer", "=", issuer)
      .where("subject", "=", subject);
    const row = await this.#session.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.#session.rows.identity(row);
  }

  async identitiesOf(userId: string): Promise<readonly IdentityRecord[]> {
    const query = this.#session.db
      .selectFrom("user_identities")
      .selectAll()
      .where("user_id", "=", userId)
      .orderBy("created_at")
      .orderBy("issuer");
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.identity(row));
  }

  async insertIdentity({ issuer, subject, userId, createdAt }: IdentityRecord): Promise<boolean> {
    const query = this.#session.db
      .insertInto("user_identities")
      .values({ issuer, subject, user_id: userId, created_at: createdAt })
      .onConflict((conflict) => conflict.columns(["issuer", "subject"]).doNothing());
    return (await this.#session.guard(() => query.executeTakeFirst())).numInsertedOrUpdatedRows === 1n;
  }
}
