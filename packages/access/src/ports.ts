import type { Alongside } from "@waybill/core";
import type { ApprovalDecision, ApprovalRecord } from "./approvals/approval.ts";
import type { EnvironmentRecord } from "./environments/environment.ts";
import type { AuditEntry, AuditQuery, NewAuditEntry } from "./audit/entry.ts";
import type { Role } from "./permissions/roles.ts";
import type {
  IdentityRecord,
  MemberRecord,
  OidcFlowRecord,
  SecretKey,
  SecretRecord,
  SessionRecord,
  SignInLinkRecord,
  TokenRecord,
  UserChange,
  UserRecord,
} from "./records.ts";

/** Where access is kept. Adapters throw `STORE_*` where the database fails. */
export interface AccessStore {
  /** What is read, and changed where nobody has to be told of it. */
  readonly tables: AccessTables;
  readonly audit: AuditReader;
  /**
   * Does `work` all or not at all. The entries that it adds to the audit log are appended last, in the same
   * transaction and under a lock of the whole log. It may be run again where another transaction got in its way, so it
   * changes nothing but what it is given.
   */
  transaction<Result>(work: (tx: AccessTransaction) => Promise<Result>): Promise<Result>;
  /** Tells of a change that another store of the same database makes, in that change's transaction. */
  auditAlongside(entry: NewAuditEntry): Alongside;
}

export interface AccessTransaction extends AccessTables {
  /** Tells of what this transaction changes. */
  audit(entry: NewAuditEntry): void;
}

export interface AccessTables {
  readonly users: UserTable;
  readonly tokens: TokenTable;
  readonly sessions: SessionTable;
  readonly signIns: SignInTable;
  readonly secrets: SecretTable;
  readonly approvals: ApprovalTable;
  readonly environments: EnvironmentTable;
}

export interface UserTable {
  /** @returns false: the name is taken */
  insert(user: UserRecord): Promise<boolean>;
  find(id: string): Promise<UserRecord | null>;
  findByName(name: string): Promise<UserRecord | null>;
  /** Those of an address, at most two: one is somebody, two are nobody in particular. */
  findByEmail(email: string): Promise<readonly UserRecord[]>;
  /** By name, those behind `afterName`. */
  list(afterName: string, limit: number): Promise<readonly UserRecord[]>;
  update(id: string, change: UserChange): Promise<boolean>;
  /** Resolves when no other transaction can hold this lock until this one has ended: for what is counted first. */
  lock(): Promise<void>;
  /** Enabled ones of the server. */
  countAdministrators(): Promise<number>;
  count(): Promise<number>;

  roles(userId: string): Promise<ReadonlyMap<string, Role>>;
  members(projectId: string): Promise<readonly MemberRecord[]>;
  setRole(member: MemberRecord): Promise<void>;
  removeRole(projectId: string, userId: string): Promise<boolean>;

  identity(issuer: string, subject: string): Promise<IdentityRecord | null>;
  identitiesOf(userId: string): Promise<readonly IdentityRecord[]>;
  /** @returns false: it is somebody's already */
  insertIdentity(identity: IdentityRecord): Promise<boolean>;
}

export interface TokenTable {
  insert(token: TokenRecord): Promise<void>;
  find(id: string): Promise<TokenRecord | null>;
  /** Those whose text begins so: one, or by chance more. */
  findByPrefix(prefix: string): Promise<readonly TokenRecord[]>;
  ofUser(userId: string): Promise<readonly TokenRecord[]>;
  /** Machines'; null: of no project. */
  ofProject(projectId: string | null): Promise<readonly TokenRecord[]>;
  touch(id: string, at: number): Promise<void>;
  remove(id: string): Promise<boolean>;
  removeExpired(before: number): Promise<number>;
}

export interface SessionTable {
  insert(session: SessionRecord): Promise<void>;
  findByHash(hash: string): Promise<SessionRecord | null>;
  ofUser(userId: string): Promise<readonly SessionRecord[]>;
  touch(id: string, at: number): Promise<void>;
  remove(id: string): Promise<boolean>;
  /** @param exceptId one that goes on */
  removeOfUser(userId: string, exceptId: string | null): Promise<number>;
  removeExpired(before: number, lastSeenBefore: number): Promise<number>;
}

export interface SignInTable {
  insertLink(link: SignInLinkRecord): Promise<void>;
  /** Takes the link away: one caller alone gets it. */
  takeLink(hash: string): Promise<SignInLinkRecord | null>;
  removeLinksOfUser(userId: string): Promise<void>;
  insertFlow(flow: OidcFlowRecord): Promise<void>;
  /** Takes it away: one caller alone gets it. */
  takeFlow(hash: string): Promise<OidcFlowRecord | null>;
  removeExpired(before: number): Promise<number>;
}

export interface SecretTable {
  find(key: SecretKey): Promise<SecretRecord | null>;
  /** By name, environment and branch. */
  ofProject(projectId: string): Promise<readonly SecretRecord[]>;
  /** Resolves when no other transaction can hold this lock of the project until this one has ended. */
  lock(projectId: string): Promise<void>;
  count(projectId: string): Promise<number>;
  insert(secret: SecretRecord): Promise<void>;
  /**
   * Puts another content in place of `expected`, or of any where that is null.
   *
   * @returns false: it is not that any more
   */
  replace(secret: SecretRecord, expected: string | null): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  removeOfProject(projectId: string): Promise<number>;
  /** By id, behind `afterId`: those whose key is another one than `keyId`. */
  notEncryptedWith(keyId: string, afterId: string, limit: number): Promise<readonly SecretRecord[]>;
  keyIds(): Promise<readonly string[]>;
}

export interface EnvironmentTable {
  find(projectId: string, name: string): Promise<EnvironmentRecord | null>;
  /** By name. */
  ofProject(projectId: string): Promise<readonly EnvironmentRecord[]>;
  /** Resolves when no other transaction can hold this lock of the project until this one has ended. */
  lock(projectId: string): Promise<void>;
  insert(environment: EnvironmentRecord): Promise<void>;
  update(environment: EnvironmentRecord): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface ApprovalTable {
  /** @returns false: its job has one already */
  insert(approval: ApprovalRecord): Promise<boolean>;
  find(id: string): Promise<ApprovalRecord | null>;
  ofRun(runId: string): Promise<readonly ApprovalRecord[]>;
  /** Pending ones, the oldest first; `projectIds` null: of every project. */
  pending(projectIds: readonly string[] | null, limit: number): Promise<readonly ApprovalRecord[]>;
  /** Pending ones whose end is not after `now`. */
  due(now: number, limit: number): Promise<readonly ApprovalRecord[]>;
  /**
   * Writes down the status and, where there is one, a decision, if nobody else did since it was read.
   *
   * @returns false: somebody did; read it again
   */
  update(approval: ApprovalRecord, decision: ApprovalDecision | null): Promise<boolean>;
}

export interface AuditReader {
  /** By number, ascending. */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** The last entry; null: the log is empty. */
  head(): Promise<AuditEntry | null>;
}
