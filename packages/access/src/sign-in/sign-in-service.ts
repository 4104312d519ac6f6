import { systemClock, systemIds, WaybillError, type Clock, type Ids } from "@waybill/core";
import type { Passwords } from "../passwords/passwords.ts";
import { authorize } from "../permissions/may.ts";
import type { Principal } from "../permissions/principal.ts";
import type { AccessStore, AccessTransaction } from "../ports.ts";
import { randomText, sha256 } from "../random-text.ts";
import type { UserRecord } from "../records.ts";
import { checkName, MAX_NAME, normalName } from "../users/user-names.ts";
import type { OpenedSession, Origin, Sessions } from "./sessions.ts";

const MINUTE_MS = 60_000;

export const LINK_LIFE_MS = 10 * MINUTE_MS;

/** The first administrator may still be reading the documentation. */
export const BOOTSTRAP_LINK_LIFE_MS = 60 * MINUTE_MS;

export interface SignInLink {
  readonly userName: string;
  /** To be put behind the address of the sign-in page, in the fragment: servers and proxies do not log that. */
  readonly token: string;
  readonly expiresAt: number;
}

export class SignInService {
  readonly #store: AccessStore;
  readonly #passwords: Passwords;
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(
    store: AccessStore,
    passwords: Passwords,
    sessions: Sessions,
    clock: Clock = systemClock,
    ids: Ids = systemIds,
  ) {
    this.#store = store;
    this.#passwords = passwords;
    this.#sessions = sessions;
    this.#clock = clock;
    this.#ids = ids;
  }

  /**
   * Signs in with a name and a password. Whatever is wrong, the answer and its time are the same.
   *
   * @throws WaybillError `AUTH_FAILED`, `AUTH_THROTTLED`, `AUTH_BUSY`
   */
  async withPassword(
    name: string,
    password: string,
    origin: Origin,
    previousCookie: string | null = null,
  ): Promise<OpenedSession> {
    // Longer names are nobody's; they must not fill a throttle's memory.
    const normal = normalName(name).slice(0, MAX_NAME + 1);
    const user = normal.length > MAX_NAME || normal.includes("\0") ? null : await this.#findByName(normal);
    const stored = user === null || user.disabledAt !== null ? null : user.passwordHash;
    const { isRight, rehashed } = await this.#passwords.check(normal, origin.address, password, stored);
    if (user === null || !isRight) throw new WaybillError("AUTH_FAILED", {});
    return await this.#store.transaction(async (tx) => {
      const current = await this.#stillEnabled(tx, user.id);
      // Somebody has changed the password while this one was compared.
      if (current.passwordHash !== stored) throw new WaybillError("AUTH_FAILED", {});
      if (rehashed !== null) await tx.users.update(user.id, { passwordHash: rehashed });
      return await this.#sessions.open(tx, current, "password", origin, previousCookie);
    });
  }

  /** @throws WaybillError `AUTH_LINK_INVALID` */
  async withLink(token: string, origin: Origin, previousCookie: string | null = null): Promise<OpenedSession> {
    const opened = await this.#store.transaction(async (tx) => {
      const link = await tx.signIns.takeLink(sha256(token));
      if (link === null || link.expiresAt <= this.#clock.now()) return null;
      const user = await tx.users.find(link.userId);
      if (user === null || user.disabledAt !== null) return null;
      return await this.#sessions.open(tx, user, "link", origin, previousCookie);
    });
    // Outside of the transaction, which has taken the link away for good.
    if (opened === null) throw new WaybillError("AUTH_LINK_INVALID", {});
    return opened;
  }

  /**
   * A link with which a user signs in once. For administrators, and whoever may run commands on the server's machine.
   *
   * @throws WaybillError `ACCESS_DENIED`, `USER_UNKNOWN`
   */
  async issueLink(by: Principal, userName: string, lifeMs = LINK_LIFE_MS): Promise<SignInLink> {
    authorize(by, "server:admin", null);
    return await this.#store.transaction(async (tx) => {
      const user = await tx.users.findByName(normalName(userName));
      if (user === null || user.disabledAt !== null) throw new WaybillError("USER_UNKNOWN", { user: userName });
      return await this.#issue(tx, by, user, lifeMs);
    });
  }

  /**
   * Makes the first administrator and a link to sign in with, where there is no user at all.
   *
   * @returns null: there are users. Of servers that start at once, one alone gets a link.
   */
  async bootstrap(by: Principal, userName = "admin"): Promise<SignInLink | null> {
    const user: UserRecord = {
      id: this.#ids.next(),
      name: checkName(userName),
      displayName: "",
      email: null,
      passwordHash: null,
      isServerAdmin: true,
      createdAt: this.#clock.now(),
      disabledAt: null,
    };
    if ((await this.#store.tables.users.count()) > 0) return null;
    return await this.#store.transaction(async (tx) => {
      await tx.users.lock();
      if ((await tx.users.count()) > 0) return null;
      await tx.users.insert(user);
      tx.audit({
        time: this.#clock.now(),
        actorId: by.actorId,
        action: "USER_CREATED",
        resource: `user:${user.name}`,
        projectId: null,
        context: { server_admin: true, bootstrap: true },
      });
      return await this.#issue(tx, by, user, BOOTSTRAP_LINK_LIFE_MS);
    });
  }

  /** Forgets links and sign-ins that nobody came back with. */
  async removeExpired(): Promise<number> {
    return await this.#store.tables.signIns.removeExpired(this.#clock.now());
  }

  async #issue(tx: AccessTransaction, by: Principal, user: UserRecord, lifeMs: number): Promise<SignInLink> {
    const now = this.#clock.now();
    const token = randomText();
    const expiresAt = now + lifeMs;
    await tx.signIns.insertLink({ hash: sha256(token), userId: user.id, createdAt: now, expiresAt });
    tx.audit({
      time: now,
      actorId: by.actorId,
      action: "SIGN_IN_LINK_ISSUED",
      resource: `user:${user.name}`,
      projectId: null,
      context: { expires_at: new Date(expiresAt).toISOString() },
    });
    return { userName: user.name, token, expiresAt };
  }

  async #findByName(name: string): Promise<UserRecord | null> {
    return await this.#store.tables.users.findByName(name);
  }

  async #stillEnabled(tx: AccessTransaction, userId: string): Promise<UserRecord> {
    const user = await tx.users.find(userId);
    if (user === null || user.disabledAt !== null) throw new WaybillError("AUTH_FAILED", {});
    return user;
  }
}
