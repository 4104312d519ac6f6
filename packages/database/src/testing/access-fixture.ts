import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  KeyRing,
  newKeyText,
  parseKeyRing,
  Passwords,
  secretsKey,
  Sessions,
  SignInService,
  systemPrincipal,
  TokenService,
  UserService,
  type AccessStore,
  type AuditEntry,
  type Principal,
  type Role,
} from "@waybill/access";
import { ManualClock } from "@waybill/core/testing";
import { openRunStore } from "../open-run-store.ts";
import type { SqlRunStore } from "../runs/sql-run-store.ts";

export const ORIGIN = { address: "192.0.2.1", userAgent: "a browser" };
export const ROOT: Principal = systemPrincipal("test");

/** Cheap: what a hash costs is tested where hashes are made. */
const CHEAP = { ln: 4, r: 8, p: 1 };

export interface AccessPlace {
  /** What `openRunStore` takes. */
  readonly address: string;
  dispose(): Promise<void>;
}

export async function sqlitePlace(): Promise<AccessPlace> {
  const directory = await mkdtemp(join(tmpdir(), "waybill-access-"));
  return { address: join(directory, "waybill.db"), dispose: () => rm(directory, { recursive: true }) };
}

export function newRing(...olderKeys: KeyRing[]): KeyRing {
  const { primary } = parseKeyRing(newKeyText(), "a test");
  return new KeyRing(
    primary,
    olderKeys.map((ring) => secretsKey(ring.primary.bytes)),
  );
}

/** One server's services on a database. */
export class AccessFixture {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1));
  readonly runs: SqlRunStore;
  readonly store: AccessStore;
  readonly passwords = new Passwords({ clock: this.clock, parameters: CHEAP });
  readonly users: UserService;
  readonly tokens: TokenService;
  readonly sessions: Sessions;
  readonly signIn: SignInService;

  private constructor(runs: SqlRunStore, store: AccessStore) {
    this.runs = runs;
    this.store = store;
    this.users = new UserService(store, this.passwords, this.clock);
    this.tokens = new TokenService(store, this.clock);
    this.sessions = new Sessions(store, this.clock);
    this.signIn = new SignInService(store, this.passwords, this.sessions, this.clock);
  }

  static async open(address: string): Promise<AccessFixture> {
    const runs = await openRunStore(address);
    return new AccessFixture(runs, await runs.accessStore());
  }

  /** A user with roles, as it asks from a session of its own. */
  async person(name: string, roles: Readonly<Record<string, Role>> = {}, isServerAdmin = false): Promise<Principal> {
    const user = await this.users.create(ROOT, { name, isServerAdmin });
    for (const [projectId, role] of Object.entries(roles)) await this.users.grant(ROOT, projectId, user.id, role);
    const { token } = await this.signIn.issueLink(ROOT, name);
    const { cookie } = await this.signIn.withLink(token, ORIGIN);
    const active = await this.sessions.authenticate(cookie);
    if (active === null) throw new Error("nobody is signed in");
    return active.principal;
  }

  async entries(): Promise<readonly AuditEntry[]> {
    return await this.store.audit.list({ afterSeq: 0, limit: 10_000 });
  }

  async actions(): Promise<readonly string[]> {
    return (await this.entries()).map(({ action, resource }) => `${action} ${resource}`);
  }
}
