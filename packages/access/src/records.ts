import type { ApprovalRecord } from "./approvals/approval.ts";
import type { EnvironmentRecord } from "./environments/environment.ts";
import type { Permission } from "./permissions/permissions.ts";
import type { Role } from "./permissions/roles.ts";

/** Times are milliseconds since the epoch, UTC. Hashes are SHA-256 in hexadecimal. */

export interface UserRecord {
  readonly id: string;
  /** What it signs in with, and what the audit log calls it. Never changes and is never given to somebody else. */
  readonly name: string;
  readonly displayName: string;
  readonly email: string | null;
  /** As `hashPassword` writes it; null: signs in otherwise. */
  readonly passwordHash: string | null;
  readonly isServerAdmin: boolean;
  readonly createdAt: number;
  readonly disabledAt: number | null;
}

/** What may be changed of a user. */
export type UserChange = Partial<
  Pick<UserRecord, "displayName" | "email" | "passwordHash" | "isServerAdmin" | "disabledAt">
>;

export interface MemberRecord {
  readonly projectId: string;
  readonly userId: string;
  readonly role: Role;
}

/** Who an identity provider says somebody is. */
export interface IdentityRecord {
  readonly issuer: string;
  readonly subject: string;
  readonly userId: string;
  readonly createdAt: number;
}

export interface TokenRecord {
  readonly id: string;
  readonly kind: "personal" | "machine";
  /** For people: `deploy from my laptop`. Of a machine also what the audit log calls it. */
  readonly name: string;
  /** The first characters of the token: enough to tell it from others, not enough to guess it. */
  readonly prefix: string;
  readonly hash: string;
  /** Whose it is; null: a machine's. */
  readonly userId: string | null;
  /** Where it may be used; null: wherever its owner may. A machine's names one project, or null for all of them. */
  readonly projectId: string | null;
  /** What a machine is in its project; null: a person's token, which has its owner's roles. */
  readonly role: Role | null;
  readonly permissions: readonly Permission[];
  /** As the audit log names who made it. */
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** To the minute. */
  readonly lastUsedAt: number | null;
}

export interface SessionRecord {
  readonly id: string;
  readonly hash: string;
  readonly userId: string;
  readonly method: "password" | "link" | "oidc";
  readonly createdAt: number;
  /** To the minute. */
  readonly lastSeenAt: number;
  /** When it ends at the latest, however much it is used. */
  readonly expiresAt: number;
  /** Where it was begun, for its owner's list of sessions. */
  readonly address: string;
  readonly userAgent: string;
}

export interface SignInLinkRecord {
  readonly hash: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A sign-in that has gone to an identity provider and is not back yet. */
export interface OidcFlowRecord {
  /** Of its `state`. */
  readonly hash: string;
  /** Of what the browser keeps in a cookie: nobody can finish it in another one. */
  readonly bindingHash: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnTo: string;
  readonly expiresAt: number;
}

/** What names a secret: two of the same name and another scope are two secrets. */
export interface SecretKey {
  readonly projectId: string;
  readonly name: string;
  /** Empty: every environment, and none. */
  readonly environment: string;
  /** A name or a pattern; empty: every branch, and none. */
  readonly branch: string;
}

export interface SecretRecord extends SecretKey {
  readonly id: string;
  /** As `encryptSecret` writes it. */
  readonly ciphertext: string;
  /** The key of the ring it is encrypted with. */
  readonly keyId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

export type { ApprovalRecord, EnvironmentRecord };
