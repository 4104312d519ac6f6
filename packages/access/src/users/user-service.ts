import { systemClock, systemIds, WaybillError, type Clock, type Ids } from "@waybill/core";
import type { AuditAction } from "../audit/actions.ts";
import type { Json } from "../audit/canonical-json.ts";
import type { Passwords } from "../passwords/passwords.ts";
import { authorize } from "../permissions/may.ts";
import type { Principal } from "../permissions/principal.ts";
import type { Role } from "../permissions/roles.ts";
import type { AccessStore, AccessTransaction } from "../ports.ts";
import type { MemberRecord, UserChange, UserRecord } from "../records.ts";
import { checkDisplayName, checkEmail, checkName, normalName } from "./user-names.ts";

/** What others may see of a user. */
export type UserInfo = Omit<UserRecord, "passwordHash"> & { readonly hasPassword: boolean };

export interface NewUser {
  readonly name: string;
  readonly displayName?: string;
  /** Whoever proves it to the identity provider, signs in as this user. */
  readonly email?: string | null;
  readonly password?: string | null;
  readonly isServerAdmin?: boolean;
}

export class UserService {
  readonly #store: AccessStore;
  readonly #passwords: Passwords;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(store: AccessStore, passwords: Passwords, clock: Clock = systemClock, ids: Ids = systemIds) {
    this.#store = store;
    this.#passwords = passwords;
    this.#clock = clock;
    this.#ids = ids;
  }

  /** @throws WaybillError `ACCESS_DENIED`, `USER_INVALID`, `USER_EXISTS`, `PASSWORD_UNSUITABLE` */
  async create(by: Principal, user: NewUser): Promise<UserInfo> {
    authorize(by, "users:manage", null);
    // A token that may manage users must not make itself an administrator.
    if (user.isServerAdmin === true) authorize(by, "server:admin", null);
    const name = checkName(user.name);
    const record: UserRecord = {
      id: this.#ids.next(),
      name,
      displayName: checkDisplayName(user.displayName ?? ""),
      email: checkEmail(user.email ?? null),
      passwordHash: await this.#hashOf(user.password ?? null, name),
      isServerAdmin: user.isServerAdmin ?? false,
      createdAt: this.#clock.now(),
      disabledAt: null,
    };
    await this.#store.transaction(async (tx) => {
      if (!(await tx.users.insert(record))) throw new WaybillError("USER_EXISTS", { name });
      this.#audit(tx, by, "USER_CREATED", record, { server_admin: record.isServerAdmin });
    });
    return infoOf(record);
  }

  async #hashOf(password: string | null, name: string): Promise<string | null> {
    return password === null ? null : await this.#passwords.hash(password, name);
  }

  /** @throws WaybillError `ACCESS_DENIED` */
  async list(by: Principal, afterName: string, limit: number): Promise<readonly UserInfo[]> {
    authorize(by, "users:manage", null);
    return (await this.#store.tables.users.list(afterName, limit)).map(infoOf);
  }

  /** By its id, or its name. @throws WaybillError `USER_UNKNOWN` */
  async find(reference: string): Promise<UserInfo> {
    const { users } = this.#store.tables;
    const user = (await users.find(reference)) ?? (await users.findByName(normalName(reference)));
    if (user === null) throw new WaybillError("USER_UNKNOWN", { user: reference });
    return infoOf(user);
  }

  /** @throws WaybillError `ACCESS_DENIED`, `USER_UNKNOWN`, `USER_INVALID` */
  async describe(
    by: Principal,
    userId: string,
    change: { displayName?: string; email?: string | null },
  ): Promise<void> {
    authorize(by, "users:manage", null);
    const checked: UserChange = {
      ...(change.displayName === undefined ? {} : { displayName: checkDisplayName(change.displayName) }),
      ...(change.email === undefined ? {} : { email: checkEmail(change.email) }),
    };
    const context = { fields: Object.keys(checked) };
    const work = (_tx: AccessTransaction, user: UserRecord): UserChange => {
      // Whoever proves an administrator's address may become it.
      if (user.isServerAdmin) authorize(by, "server:admin", null);
      return checked;
    };
    await this.#change(by, userId, "USER_CHANGED", work, context);
  }

  /** Ends what the user is signed in with, too. @throws WaybillError `ACCESS_DENIED`, `LAST_ADMINISTRATOR` */
  async disable(by: Principal, userId: string): Promise<void> {
    authorize(by, "users:manage", null);
    const disabledAt = this.#clock.now();
    await this.#change(by, userId, "USER_DISABLED", async (tx, user) => {
      if (user.isServerAdmin && user.disabledAt === null) await assertNotLast(tx, user);
      await tx.sessions.removeOfUser(userId, null);
      await tx.signIns.removeLinksOfUser(userId);
      return { disabledAt };
    });
  }

  /** @throws WaybillError `ACCESS_DENIED`, `USER_UNKNOWN` */
  async enable(by: Principal, userId: string): Promise<void> {
    authorize(by, "users:manage", null);
    await this.#change(by, userId, "USER_ENABLED", () => ({ disabledAt: null }));
  }

  /** @throws WaybillError `ACCESS_DENIED`, `USER_UNKNOWN`, `LAST_ADMINISTRATOR` */
  async setServerAdmin(by: Principal, userId: string, isServerAdmin: boolean): Promise<void> {
    authorize(by, "server:admin", null);
    const action = isServerAdmin ? "SERVER_ADMIN_GRANTED" : "SERVER_ADMIN_REVOKED";
    await this.#change(by, userId, action, async (tx, user) => {
      if (!isServerAdmin && user.isServerAdmin && user.disabledAt === null) await assertNotLast(tx, user);
      return { isServerAdmin };
    });
  }

  /**
   * Sets a user's password and ends its other sessions: one's own, with the old one where there is one, or as an
   * administrator anybody's.
   *
   * @param current of one's own password, with the address it is asked from
   * @param keepSessionId the session in which it is asked for
   * @throws WaybillError `ACCESS_DENIED`, `AUTH_FAILED`, `AUTH_THROTTLED`, `PASSWORD_UNSUITABLE`, `USER_UNKNOWN`
   */
  async setPassword(
    by: Principal,
    userId: string,
    password: string,
    current: { readonly password: string; readonly address: string } | null,
    keepSessionId: string | null = null,
  ): Promise<void> {
    const user = await this.#store.tables.users.find(userId);
    const isOwn = by.kind === "user" && by.id === userId && by.tokenId === null;
    // Whoever sets a password can be that user.
    if (!isOwn) authorize(by, "server:admin", null);
    if (user === null) throw new WaybillError("USER_UNKNOWN", { user: userId });
    if (isOwn && user.passwordHash !== null) {
      const { password: old = "", address = "" } = current ?? {};
      const { isRight } = await this.#passwords.check(user.name, address, old, user.passwordHash);
      if (!isRight) throw new WaybillError("AUTH_FAILED", {});
    }
    const passwordHash = await this.#passwords.hash(password, user.name);
    await this.#change(by, userId, "PASSWORD_CHANGED", async (tx) => {
      await tx.sessions.removeOfUser(userId, keepSessionId);
      await tx.signIns.removeLinksOfUser(userId);
      return { passwordHash };
    });
  }

  /** @throws WaybillError `ACCESS_DENIED` */
  async members(by: Principal, projectId: string): Promise<readonly MemberRecord[]> {
    authorize(by, "members:read", projectId);
    return await this.#store.tables.users.members(projectId);
  }

  /** @throws WaybillError `ACCESS_DENIED`, `USER_UNKNOWN` */
  async grant(by: Principal, projectId: string, userId: string, role: Role): Promise<void> {
    authorize(by, "members:write", projectId);
    await this.#store.transaction(async (tx) => {
      const user = await found(tx, userId);
      await tx.users.setRole({ projectId, userId, role });
      this.#audit(tx, by, "ROLE_GRANTED", user, { role }, projectId);
    });
  }

  /** @throws WaybillError `ACCESS_DENIED`, `USER_UNKNOWN` */
  async revoke(by: Principal, projectId: string, userId: string): Promise<void> {
    authorize(by, "members:write", projectId);
    await this.#store.transaction(async (tx) => {
      const user = await found(tx, userId);
      if (await tx.users.removeRole(projectId, userId)) this.#audit(tx, by, "ROLE_REVOKED", user, {}, projectId);
    });
  }

  async #change(
    by: Principal,
    userId: string,
    action: AuditAction,
    work: (tx: AccessTransaction, user: UserRecord) => Promise<UserChange> | UserChange,
    context: Readonly<Record<string, Json>> = {},
  ): Promise<void> {
    await this.#store.transaction(async (tx) => {
      await tx.users.lock();
      const user = await found(tx, userId);
      await tx.users.update(userId, await work(tx, user));
      this.#audit(tx, by, action, user, context);
    });
  }

  #audit(
    tx: AccessTransaction,
    by: Principal,
    action: AuditAction,
    user: UserRecord,
    context: Readonly<Record<string, Json>>,
    projectId: string | null = null,
  ): void {
    tx.audit({
      time: this.#clock.now(),
      actorId: by.actorId,
      action,
      resource: `user:${user.name}`,
      projectId,
      context,
    });
  }
}

export function infoOf({ passwordHash, ...user }: UserRecord): UserInfo {
  return { ...user, hasPassword: passwordHash !== null };
}

async function found(tx: AccessTransaction, userId: string): Promise<UserRecord> {
  const user = await tx.users.find(userId);
  if (user === null) throw new WaybillError("USER_UNKNOWN", { user: userId });
  return user;
}

async function assertNotLast(tx: AccessTransaction, user: UserRecord): Promise<void> {
  if ((await tx.users.countAdministrators()) <= 1) throw new WaybillError("LAST_ADMINISTRATOR", { user: user.name });
}
