import {
  APPROVAL_KINDS,
  APPROVAL_STATUSES,
  isPermission,
  ROLES,
  type ApprovalDecision,
  type ApprovalRecord,
  type AuditEntry,
  type EnvironmentRecord,
  type IdentityRecord,
  type Json,
  type MemberRecord,
  type OidcFlowRecord,
  type Role,
  type SecretRecord,
  type SessionRecord,
  type SignInLinkRecord,
  type TokenRecord,
  type UserRecord,
} from "@waybill/access";
import * as z from "zod/mini";
import { RowParser } from "../row-parser.ts";

const text = z.string();
const optionalText = z.nullable(z.string());
const time = z.int();
const optionalTime = z.nullable(z.int());
const flag = z.int().check(z.gte(0), z.lte(1));
const role = z.enum(ROLES);

const userRow = z.object({
  id: text,
  name: text,
  display_name: text,
  email: optionalText,
  password_hash: optionalText,
  is_server_admin: flag,
  created_at: time,
  disabled_at: optionalTime,
});

const memberRow = z.object({ project_id: text, user_id: text, role });
const identityRow = z.object({ issuer: text, subject: text, user_id: text, created_at: time });

const tokenRow = z.object({
  id: text,
  kind: z.enum(["personal", "machine"]),
  name: text,
  prefix: text,
  hash: text,
  user_id: optionalText,
  project_id: optionalText,
  role: z.nullable(role),
  permissions: text,
  created_by: text,
  created_at: time,
  expires_at: optionalTime,
  last_used_at: optionalTime,
});

const sessionRow = z.object({
  id: text,
  hash: text,
  user_id: text,
  method: z.enum(["password", "link", "oidc"]),
  created_at: time,
  last_seen_at: time,
  expires_at: time,
  address: text,
  user_agent: text,
});

const linkRow = z.object({ hash: text, user_id: text, created_at: time, expires_at: time });

const flowRow = z.object({
  hash: text,
  binding_hash: text,
  nonce: text,
  code_verifier: text,
  return_to: text,
  expires_at: time,
});

const secretRow = z.object({
  id: text,
  project_id: text,
  name: text,
  environment: text,
  branch: text,
  ciphertext: text,
  key_id: text,
  created_at: time,
  updated_at: time,
  updated_by: text,
});

const environmentRow = z.object({
  id: text,
  project_id: text,
  name: text,
  description: text,
  branches: text,
  required_approvals: z.int(),
  approver_ids: text,
  prevent_self_approval: flag,
  created_at: time,
  updated_at: time,
  updated_by: text,
});

const approvalRow = z.object({
  id: text,
  project_id: text,
  run_id: text,
  kind: z.enum(APPROVAL_KINDS),
  subject: text,
  environment: text,
  digest: text,
  author_ids: text,
  approver_ids: text,
  required: z.int(),
  may_author_approve: flag,
  status: z.enum(APPROVAL_STATUSES),
  requested_by: text,
  requested_at: time,
  expires_at: optionalTime,
  settled_at: optionalTime,
  version: z.int(),
});

const decisionRow = z.object({
  approval_id: text,
  user_id: text,
  actor_id: text,
  verdict: z.enum(["approve", "reject"]),
  comment: text,
  decided_at: time,
});

const auditRow = z.object({
  seq: z.int(),
  event_id: text,
  time,
  actor_id: text,
  action: text,
  resource: text,
  project_id: optionalText,
  context: text,
  previous_hash: text,
  integrity_hash: text,
});

const names = z.array(z.string());
const jsonObject = z.record(z.string(), z.json());

export const AUDIT_COLUMNS = [
  "seq",
  "event_id",
  "time",
  "actor_id",
  "action",
  "resource",
  "project_id",
  "context",
  "previous_hash",
  "integrity_hash",
] as const;

/** Turns rows into records; nothing ill-typed comes past here. */
export class AccessRowReader extends RowParser {
  user(row: unknown): UserRecord {
    const { display_name, password_hash, is_server_admin, created_at, disabled_at, ...rest } = this.parse(userRow, row);
    return {
      ...rest,
      displayName: display_name,
      passwordHash: password_hash,
      isServerAdmin: is_server_admin === 1,
      createdAt: created_at,
      disabledAt: disabled_at,
    };
  }

  member(row: unknown): MemberRecord {
    const { project_id, user_id, role: memberRole } = this.parse(memberRow, row);
    return { projectId: project_id, userId: user_id, role: memberRole satisfies Role };
  }

  identity(row: unknown): IdentityRecord {
    const { user_id, created_at, ...rest } = this.parse(identityRow, row);
    return { ...rest, userId: user_id, createdAt: created_at };
  }

  token(row: unknown): TokenRecord {
    const { user_id, project_id, permissions, created_by, created_at, expires_at, last_used_at, ...rest } = this.parse(
      tokenRow,
      row,
    );
    return {
      ...rest,
      userId: user_id,
      projectId: project_id,
      // One that this version does not know allows nothing here.
      permissions: this.parse(names, this.json(permissions)).filter(isPermission),
      createdBy: created_by,
      createdAt: created_at,
      expiresAt: expires_at,
      lastUsedAt: last_used_at,
    };
  }

  session(row: unknown): SessionRecord {
    const { user_id, created_at, last_seen_at, expires_at, user_agent, ...rest } = this.parse(sessionRow, row);
    return {
      ...rest,
      userId: user_id,
      createdAt: created_at,
      lastSeenAt: last_seen_at,
      expiresAt: expires_at,
      userAgent: user_agent,
    };
  }

  link(row: unknown): SignInLinkRecord {
    const { hash, user_id, created_at, expires_at } = this.parse(linkRow, row);
    return { hash, userId: user_id, createdAt: created_at, expiresAt: expires_at };
  }

  flow(row: unknown): OidcFlowRecord {
    const { hash, binding_hash, nonce, code_verifier, return_to, expires_at } = this.parse(flowRow, row);
    return {
      hash,
      bindingHash: binding_hash,
      nonce,
      codeVerifier: code_verifier,
      returnTo: return_to,
      expiresAt: expires_at,
    };
  }

  secret(row: unknown): SecretRecord {
    const { project_id, key_id, created_at, updated_at, updated_by, ...rest } = this.parse(secretRow, row);
    return {
      ...rest,
      projectId: project_id,
      keyId: key_id,
      createdAt: created_at,
      updatedAt: updated_at,
      updatedBy: updated_by,
    };
  }

  decision(row: unknown): { readonly approvalId: string; readonly decision: ApprovalDecision } {
    const { approval_id, user_id, actor_id, decided_at, ...rest } = this.parse(decisionRow, row);
    return {
      approvalId: approval_id,
      decision: { ...rest, userId: user_id, actorId: actor_id, decidedAt: decided_at },
    };
  }

  approval(row: unknown, decisions: readonly ApprovalDecision[]): ApprovalRecord {
    const parsed = this.parse(approvalRow, row);
    return {
      id: parsed.id,
      projectId: parsed.project_id,
      runId: parsed.run_id,
      kind: parsed.kind,
      subject: parsed.subject,
      environment: parsed.environment,
      digest: parsed.digest,
      authorIds: this.parse(names, this.json(parsed.author_ids)),
      approverIds: this.parse(names, this.json(parsed.approver_ids)),
      required: parsed.required,
      mayAuthorApprove: parsed.may_author_approve === 1,
      status: parsed.status,
      requestedBy: parsed.requested_by,
      requestedAt: parsed.requested_at,
      expiresAt: parsed.expires_at,
      settledAt: parsed.settled_at,
      decisions,
      version: parsed.version,
    };
  }

  environment(row: unknown): EnvironmentRecord {
    const parsed = this.parse(environmentRow, row);
    return {
      id: parsed.id,
      projectId: parsed.project_id,
      name: parsed.name,
      description: parsed.description,
      branches: this.parse(names, this.json(parsed.branches)),
      requiredApprovals: parsed.required_approvals,
      approverIds: this.parse(names, this.json(parsed.approver_ids)),
      preventSelfApproval: parsed.prevent_self_approval === 1,
      createdAt: parsed.created_at,
      updatedAt: parsed.updated_at,
      updatedBy: parsed.updated_by,
    };
  }

  audit(row: unknown): AuditEntry {
    const parsed = this.parse(auditRow, row);
    const context: Readonly<Record<string, Json>> = this.parse(jsonObject, this.json(parsed.context));
    return {
      seq: parsed.seq,
      eventId: parsed.event_id,
      time: parsed.time,
      actorId: parsed.actor_id,
      action: parsed.action,
      resource: parsed.resource,
      projectId: parsed.project_id,
      context,
      previousHash: parsed.previous_hash,
      integrityHash: parsed.integrity_hash,
    };
  }
}
