import { createHmac } from "node:crypto";
import { systemClock, systemIds, WaybillError, type Clock, type Ids } from "@waybill/core";
import { authorize } from "../permissions/may.ts";
import type { Principal } from "../permissions/principal.ts";
import type { AccessStore, AccessTransaction } from "../ports.ts";
import { isSame, randomText, sha256 } from "../random-text.ts";
import type { SessionRecord, UserRecord } from "../records.ts";
import { principalOfUser } from "../users/principal-of-user.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MAX_TEXT = 200;

export interface SessionLimits {
  /** Without a request for so long, a session is over. */
  readonly idleMs: number;
  /** However much it is used, it ends after so long. */
  readonly absoluteMs: number;
}

export const SESSION_LIMITS: SessionLimits = { idleMs: 12 * HOUR_MS, absoluteMs: 7 * 24 * HOUR_MS };

/** Where a request comes from, for the owner's list of sessions. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}

export interface OpenedSession {
  /** What the cookie holds; only its hash is kept. */
  readonly cookie: string;
  readonly csrfToken: string;
  readonly session: SessionRecord;
  readonly user: UserRecord;
}

export interface ActiveSession {
  readonly principal: Principal;
  readonly session: SessionRecord;
  readonly csrfToken: string;
}

export type SessionInfo = Omit<SessionRecord, "hash">;

/** What browsers are signed in with. */
export class Sessions {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #limits: SessionLimits;

  constructor(store: AccessStore, clock: Clock = systemClock, ids: Ids = systemIds, limits = SESSION_LIMITS) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#limits = limits;
  }

  /**
   * Begins a session, always a new one: what the browser came with is ended, so nobody can be made to sign in to a
   * session that somebody else knows.
   */
  async open(
    tx: AccessTransaction,
    user: UserRecord,
    method: SessionRecord["method"],
    origin: Origin,
    previousCookie: string | null,
  ): Promise<OpenedSession> {
    const now = this.#clock.now();
    const cookie = randomText();
    const session: SessionRecord = {
      id: this.#ids.next(),
      hash: sha256(cookie),
      userId: user.id,
      method,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + this.#limits.absoluteMs,
      address: clip(origin.address),
      userAgent: clip(origin.userAgent),
    };
    if (previousCookie !== null) {
      const previous = await tx.sessions.findByHash(sha256(previousCookie));
      if (previous !== null) await tx.sessions.remove(previous.id);
    }
    await tx.sessions.insert(session);
    tx.audit({
      time: now,
      actorId: `user:${user.name}`,
      action: "SIGNED_IN",
      resource: `session:${session.id}`,
      projectId: null,
      context: { method, address: session.address },
    });
    return { cookie, csrfToken: csrfTokenOf(cookie), session, user };
  }

  /**
   * Whose session a cookie is.
   *
   * @param isSeen whether its owner does something, which keeps it from ending
   * @returns null: nobody's, or it is over, or its owner is disabled
   */
  async authenticate(cookie: string, isSeen = true): Promise<ActiveSession | null> {
    if (!/^[A-Za-z0-9_-]{43}$/.test(cookie)) return null;
    const { sessions, users } = this.#store.tables;
    const hash = sha256(cookie);
    const session = await sessions.findByHash(hash);
    const now = this.#clock.now();
    if (session === null || !isSame(session.hash, hash) || this.#isOver(session, now)) return null;
    const user = await users.find(session.userId);
    if (user === null || user.disabledAt !== null) return null;
    if (isSeen && now - session.lastSeenAt >= MINUTE_MS) await sessions.touch(session.id, now);
    return { principal: await principalOfUser(users, user), session, csrfToken: csrfTokenOf(cookie) };
  }

  /** One's own, or anybody's as who manages users. @throws WaybillError `ACCESS_DENIED` */
  async close(by: Principal, session: SessionInfo): Promise<void> {
    assertMayEnd(by, session.userId);
    await this.#store.transaction(async (tx) => {
      if (!(await tx.sessions.remove(session.id))) return;
      tx.audit({
        time: this.#clock.now(),
        actorId: by.actorId,
        action: "SIGNED_OUT",
        resource: `session:${session.id}`,
        projectId: null,
        context: {},
      });
    });
  }

  /**
   * Ends one's own sessions, or anybody's as who manages users.
   *
   * @param exceptId the one in which it is asked for
   * @throws WaybillError `ACCESS_DENIED`
   */
  async closeAll(by: Principal, userId: string, exceptId: string | null): Promise<number> {
    assertMayEnd(by, userId);
    return await this.#store.transaction(async (tx) => {
      const count = await tx.sessions.removeOfUser(userId, exceptId);
      if (count > 0) {
        tx.audit({
          time: this.#clock.now(),
          actorId: by.actorId,
          action: "SESSIONS_ENDED",
          resource: `user:${userId}`,
          projectId: null,
          context: { count },
        });
      }
      return count;
    });
  }

  async ofUser(userId: string): Promise<readonly SessionInfo[]> {
    const now = this.#clock.now();
    const sessions = await this.#store.tables.sessions.ofUser(userId);
    return sessions.filter((session) => !this.#isOver(session, now)).map(({ hash: _hash, ...session }) => session);
  }

  async removeExpired(): Promise<number> {
    const now = this.#clock.now();
    return await this.#store.tables.sessions.removeExpired(now, now - this.#limits.idleMs);
  }

  #isOver(session: SessionRecord, now: number): boolean {
    return session.expiresAt <= now || now - session.lastSeenAt >= this.#limits.idleMs;
  }
}

/** With a token nobody signs its owner out. */
function assertMayEnd(by: Principal, userId: string): void {
  if (by.kind !== "user" || by.id !== userId || by.tokenId !== null) authorize(by, "users:manage", null);
}

/** @throws WaybillError `AUTH_CSRF` */
export function assertCsrfToken(active: ActiveSession, presented: string | undefined): void {
  if (presented === undefined || !isSame(presented, active.csrfToken)) throw new WaybillError("AUTH_CSRF", {});
}

/** Bound to the session by being made of its cookie, which other sites can have sent but cannot read. */
function csrfTokenOf(cookie: string): string {
  return createHmac("sha256", cookie).update("waybill csrf token").digest("base64url");
}

function clip(text: string): string {
  return text.slice(0, MAX_TEXT).replaceAll("\0", "").toWellFormed();
}
