import { systemClock, systemIds, WaybillError, type Clock, type Ids } from "@waybill/core";
import { authorize, may } from "../permissions/may.ts";
import { PERMISSIONS, type Permission } from "../permissions/permissions.ts";
import type { Principal } from "../permissions/principal.ts";
import { isAtLeast, type Role } from "../permissions/roles.ts";
import type { AccessStore, AccessTransaction } from "../ports.ts";
import { isSame } from "../random-text.ts";
import type { TokenRecord } from "../records.ts";
import { principalOfUser } from "../users/principal-of-user.ts";
import { newTokenText, parseTokenText } from "./token-text.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** How long a token lives where nothing is said, and at most. A machine's may have no end, where that is said. */
const DEFAULT_LIFE_MS = 90 * DAY_MS;
const LONGEST_LIFE_MS = 366 * DAY_MS;
const MAX_TOKENS = 100;

export type TokenInfo = Omit<TokenRecord, "hash">;

export interface NewToken {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly expiresAt?: number | null;
}

export interface CreatedToken {
  readonly token: TokenInfo;
  /** Shown to whoever made it, once. */
  readonly text: string;
}

export class TokenService {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(store: AccessStore, clock: Clock = systemClock, ids: Ids = systemIds) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
  }

  /**
   * A token of one's own. It may what its owner may at the time it is used, and of that only what it names.
   *
   * @param projectId the only project it is for; null: every one of its owner's
   * @throws WaybillError `ACCESS_DENIED`, `TOKEN_INVALID`
   */
  async createPersonal(by: Principal, token: NewToken & { readonly projectId?: string | null }): Promise<CreatedToken> {
    authorize(by, "tokens:own", null);
    const projectId = token.projectId ?? null;
    assertNotMore(by, token.permissions, projectId);
    if (token.permissions.some((permission) => PERMISSIONS[permission] === "machine")) {
      throw invalid("only a machine's token may report for an executor or a repository");
    }
    if (token.expiresAt === null) throw invalid("a person's token has an end");
    return await this.#create(by, token, { kind: "personal", userId: by.id, projectId, role: null });
  }

  /**
   * A token of a machine, which belongs to a project (null: to the server) and not to a person: it goes on when whoever
   * made it has left. It may what it names of what its role may in the project.
   *
   * @throws WaybillError `ACCESS_DENIED`, `TOKEN_INVALID`
   */
  async createMachine(by: Principal, projectId: string | null, role: Role, token: NewToken): Promise<CreatedToken> {
    authorize(by, projectId === null ? "server:admin" : "tokens:manage", projectId);
    assertNotMore(by, token.permissions, projectId);
    const useless = token.permissions.find((permission) => !isWithin(permission, role));
    if (useless !== undefined) throw invalid(`the role ${role} does not have ${useless}`);
    return await this.#create(by, token, { kind: "machine", userId: null, projectId, role });
  }

  async ofUser(userId: string): Promise<readonly TokenInfo[]> {
    return (await this.#store.tables.tokens.ofUser(userId)).map(infoOf);
  }

  /** Machines'. @throws WaybillError `ACCESS_DENIED` */
  async ofProject(by: Principal, projectId: string | null): Promise<readonly TokenInfo[]> {
    authorize(by, projectId === null ? "server:admin" : "tokens:manage", projectId);
    return (await this.#store.tables.tokens.ofProject(projectId)).map(infoOf);
  }

  /** One's own, a machine's of a project one administers, or anybody's as who manages users. */
  async revoke(by: Principal, id: string): Promise<void> {
    await this.#store.transaction(async (tx) => {
      const token = await tx.tokens.find(id);
      // Who may not see it is told the same as where there is none.
      if (token === null || !mayRevoke(by, token) || !(await tx.tokens.remove(id))) {
        throw new WaybillError("TOKEN_UNKNOWN", { token: id });
      }
      this.#audit(tx, by, "TOKEN_REVOKED", token);
    });
  }

  /**
   * Who comes with a token. It is remembered as used, to the minute.
   *
   * @returns null: there is no such token, it is over, or its owner is disabled
   */
  async authenticate(text: string): Promise<Principal | null> {
    const presented = parseTokenText(text);
    if (presented === null) return null;
    const { tokens, users } = this.#store.tables;
    const candidates = await tokens.findByPrefix(presented.prefix);
    const token = candidates.filter(({ hash }) => isSame(hash, presented.hash))[0];
    const now = this.#clock.now();
    if (token === undefined || (token.expiresAt !== null && token.expiresAt <= now)) return null;
    const user = token.userId === null ? null : await users.find(token.userId);
    if (token.userId !== null && (user === null || user.disabledAt !== null)) return null;
    if (token.lastUsedAt === null || now - token.lastUsedAt >= MINUTE_MS) await tokens.touch(token.id, now);
    const limits = {
      permissions: new Set(token.permissions),
      projectIds: token.projectId === null ? null : new Set([token.projectId]),
      tokenId: token.id,
    };
    return user === null ? machine(token, limits) : { ...(await principalOfUser(users, user)), ...limits };
  }

  /** Forgets tokens that were over a month ago: until then their owners see why something stopped. */
  async removeExpired(): Promise<number> {
    return await this.#store.tables.tokens.removeExpired(this.#clock.now() - 30 * DAY_MS);
  }

  async #create(
    by: Principal,
    { name, permissions, expiresAt: wanted }: NewToken,
    owner: Pick<TokenRecord, "kind" | "userId" | "projectId" | "role">,
  ): Promise<CreatedToken> {
    const now = this.#clock.now();
    const expiresAt = wanted === undefined ? now + DEFAULT_LIFE_MS : wanted;
    if (expiresAt !== null && (expiresAt <= now || expiresAt > now + LONGEST_LIFE_MS)) {
      throw invalid("its end is over, or more than a year ahead");
    }
    if (permissions.length === 0) throw invalid("it has no permission");
    const pattern = owner.kind === "machine" ? /^[a-z0-9][a-z0-9._-]{0,63}$/ : /^[^\p{Cc}\p{Cs}]{1,100}$/u;
    if (!pattern.test(name)) throw invalid("its name has characters or a length it cannot have");
    const { text, prefix, hash } = newTokenText(owner.kind);
    const token: TokenRecord = {
      ...owner,
      id: this.#ids.next(),
      name,
      prefix,
      hash,
      permissions: [...new Set(permissions)],
      createdBy: by.actorId,
      createdAt: now,
      expiresAt,
      lastUsedAt: null,
    };
    await this.#store.transaction(async (tx) => {
      const { userId, projectId } = owner;
      const others = userId === null ? await tx.tokens.ofProject(projectId) : await tx.tokens.ofUser(userId);
      if (others.length >= MAX_TOKENS) throw invalid(`there are ${MAX_TOKENS} already`);
      if (owner.kind === "machine" && others.some((other) => other.name === name)) throw invalid("its name is taken");
      await tx.tokens.insert(token);
      this.#audit(tx, by, "TOKEN_CREATED", token);
    });
    return { token: infoOf(token), text };
  }

  #audit(tx: AccessTransaction, by: Principal, action: "TOKEN_CREATED" | "TOKEN_REVOKED", token: TokenRecord): void {
    tx.audit({
      time: this.#clock.now(),
      actorId: by.actorId,
      action,
      resource: `token:${token.id}`,
      projectId: token.projectId,
      context: { kind: token.kind, name: token.name, permissions: token.permissions, role: token.role },
    });
  }
}

function invalid(detail: string): WaybillError {
  return new WaybillError("TOKEN_INVALID", { detail });
}

/** Nobody makes a token that may more than they may, in whatever project it is for. */
function assertNotMore(by: Principal, permissions: readonly Permission[], projectId: string | null): void {
  const isOutside = by.projectIds !== null && (projectId === null || !by.projectIds.has(projectId));
  if (isOutside) throw invalid("it would be for more projects than your own token");
  const beyond = permissions.find((permission) => by.permissions !== null && !by.permissions.has(permission));
  if (beyond !== undefined) throw invalid(`your own token does not have ${beyond}`);
}

/** What is the server's or a person's is no machine's. */
function isWithin(permission: Permission, role: Role): boolean {
  const least = PERMISSIONS[permission];
  if (least === "machine") return true;
  return least !== "server" && least !== "person" && isAtLeast(role, least);
}

function mayRevoke(by: Principal, token: TokenRecord): boolean {
  if (may(by, "users:manage", null)) return true;
  if (token.userId === null) return token.projectId !== null && may(by, "tokens:manage", token.projectId);
  return by.kind === "user" && token.userId === by.id && may(by, "tokens:own", null);
}

function machine(token: TokenRecord, limits: Pick<Principal, "permissions" | "projectIds" | "tokenId">): Principal {
  const { id, name, projectId, role } = token;
  return {
    kind: "machine",
    id,
    actorId: projectId === null ? `machine:${name}` : `machine:${projectId}/${name}`,
    // One of the server is at home in every project; what it names and its role was compared when it was made.
    isServerAdmin: projectId === null,
    roles: new Map(projectId === null || role === null ? [] : [[projectId, role]]),
    ...limits,
  };
}

function infoOf({ hash: _hash, ...token }: TokenRecord): TokenInfo {
  return token;
}
