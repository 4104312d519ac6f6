import type { OidcFlowRecord, SessionRecord, SessionTable, SignInLinkRecord, SignInTable } from "@waybill/access";
import type { AccessSession } from "./session.ts";

export class SqlSessionTable implements SessionTable {
  readonly #session: AccessSession;

  constructor(session: AccessSession) {
    this.#session = session;
  }

  async insert(session: SessionRecord): Promise<void> {
    const query = this.#session.db.insertInto("sessions").values({
      id: session.id,
      hash: session.hash,
      user_id: session.userId,
      method: session.method,
      created_at: session.createdAt,
      last_seen_at: session.lastSeenAt,
      expires_at: session.expiresAt,
      address: session.address,
      user_agent: session.userAgent,
    });
    await this.#session.guard(() => query.execute());
  }

  async findByHash(hash: string): Promise<SessionRecord | null> {
    const query = this.#session.db.selectFrom("sessions").selectAll().where("hash", "=", hash);
    const row = await this.#session.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.#session.rows.session(row);
  }

  async ofUser(userId: string): Promise<readonly SessionRecord[]> {
    const query = this.#session.db.selectFrom("sessions").selectAll().where("user_id", "=", userId).orderBy("id");
    return (await this.#session.guard(() => query.execute())).map((row) => this.#session.rows.session(row));
  }

  async touch(id: string, at: number): Promise<void> {
    const query = this.#session.db.updateTable("sessions").set({ last_seen_at: at }).where("id", "=", id);
    await this.#session.guard(() => query.execute());
  }

  async remove(id: string): Promise<boolean> {
    const query = this.#session.db.deleteFrom("sessions").where("id", "=", id);
    return (await this.#session.guard(() => query.executeTakeFirst())).numDeletedRows === 1n;
  }

  async removeOfUser(userId: string, exceptId: string | null): Promise<number> {
    let query = this.#session.db.deleteFrom("sessions").where("user_id", "=", userId);
    if (exceptId !== null) query = query.where("id", "!=", exceptId);
    return Number((await this.#session.guard(() => query.executeTakeFirst())).numDeletedRows);
  }

  async removeExpired(before: number, lastSeenBefore: number): Promise<number> {
    const query = this.#session.db
      .deleteFrom("sessions")
      .where((builder) =>
        builder.or([builder("expires_at", "<=", before), builder("last_seen_at", "<=", lastSeenBefore)]),
      );
    return Number((await this.#session.guard(() => query.executeTakeFirst())).numDeletedRows);
  }
}

/** Links and flows are taken by deleting them: the one statement that removed the row has it. */
export class SqlSignInTable implements SignInTable {
  readonly #session: AccessSession;

  constructor(session: AccessSession) {
    this.#session = session;
  }

  async insertLink({ hash, userId, createdAt, expiresAt }: SignInLinkRecord): Promise<void> {
    const row = { hash, user_id: userId, created_at: createdAt, expires_at: expiresAt };
    const query = this.#session.db.insertInto("sign_in_links").values(row);
    await this.#session.guard(() => query.execute());
  }

  async takeLink(hash: string): Promise<SignInLinkRecord | null> {
    const query = this.#session.db.deleteFrom("sign_in_links").where("hash", "=", hash).returningAll();
    const row = await this.#session.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.#session.rows.link(row);
  }

  async removeLinksOfUser(userId: string): Promise<void> {
    const query = this.#session.db.deleteFrom("sign_in_links").where("user_id", "=", userId);
    await this.#session.guard(() => query.execute());
  }

  async insertFlow(flow: OidcFlowRecord): Promise<void> {
    const query = this.#session.db.insertInto("oidc_flows").values({
      hash: flow.hash,
      binding_hash: flow.bindingHash,
      nonce: flow.nonce,
      code_verifier: flow.codeVerifier,
      return_to: flow.returnTo,
      expires_at: flow.expiresAt,
    });
    await this.#session.guard(() => query.execute());
  }

  async takeFlow(hash: string): Promise<OidcFlowRecord | null> {
    const query = this.#session.db.deleteFrom("oidc_flows").where("hash", "=", hash).returningAll();
    const row = await this.#session.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.#session.rows.flow(row);
  }

  async removeExpired(before: number): Promise<number> {
    const queries = [
      this.#session.db.deleteFrom("sign_in_links").where("expires_at", "<=", before),
      this.#session.db.deleteFrom("oidc_flows").where("expires_at", "<=", before),
    ];
    let count = 0;
    for (const query of queries) {
      count += Number((await this.#session.guard(() => query.executeTakeFirst())).numDeletedRows);
    }
    return count;
  }
}
