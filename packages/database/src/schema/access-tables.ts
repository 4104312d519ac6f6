/** The tables of who may do what. Flags are integers, 0 or 1, on both databases. */
export interface AccessTablesOfSchema {
  users: UsersTable;
  project_members: ProjectMembersTable;
  user_identities: UserIdentitiesTable;
  tokens: TokensTable;
  sessions: SessionsTable;
  sign_in_links: SignInLinksTable;
  oidc_flows: OidcFlowsTable;
  secrets: SecretsTable;
  environments: EnvironmentsTable;
  approvals: ApprovalsTable;
  approval_decisions: ApprovalDecisionsTable;
  audit_log: AuditLogTable;
}

interface UsersTable {
  id: string;
  name: string;
  display_name: string;
  email: string | null;
  password_hash: string | null;
  is_server_admin: number;
  created_at: number;
  disabled_at: number | null;
}

interface ProjectMembersTable {
  project_id: string;
  user_id: string;
  role: string;
}

interface UserIdentitiesTable {
  issuer: string;
  subject: string;
  user_id: string;
  created_at: number;
}

interface TokensTable {
  id: string;
  kind: string;
  name: string;
  prefix: string;
  hash: string;
  user_id: string | null;
  project_id: string | null;
  role: string | null;
  /** A JSON array of names. */
  permissions: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

interface SessionsTable {
  id: string;
  hash: string;
  user_id: string;
  method: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  address: string;
  user_agent: string;
}

interface SignInLinksTable {
  hash: string;
  user_id: string;
  created_at: number;
  expires_at: number;
}

interface OidcFlowsTable {
  hash: string;
  binding_hash: string;
  nonce: string;
  code_verifier: string;
  return_to: string;
  expires_at: number;
}

interface SecretsTable {
  id: string;
  project_id: string;
  name: string;
  environment: string;
  branch: string;
  ciphertext: string;
  key_id: string;
  created_at: number;
  updated_at: number;
  updated_by: string;
}

interface EnvironmentsTable {
  id: string;
  project_id: string;
  name: string;
  description: string;
  /** A JSON array of patterns. */
  branches: string;
  required_approvals: number;
  /** A JSON array of ids. */
  approver_ids: string;
  prevent_self_approval: number;
  created_at: number;
  updated_at: number;
  updated_by: string;
}

interface ApprovalsTable {
  id: string;
  project_id: string;
  run_id: string;
  kind: string;
  subject: string;
  environment: string;
  digest: string;
  /** A JSON array of ids. */
  author_ids: string;
  /** A JSON array of ids. */
  approver_ids: string;
  required: number;
  may_author_approve: number;
  status: string;
  requested_by: string;
  requested_at: number;
  expires_at: number | null;
  settled_at: number | null;
  version: number;
}

interface ApprovalDecisionsTable {
  approval_id: string;
  /** Order in which they were made, from 0. */
  position: number;
  user_id: string;
  actor_id: string;
  verdict: string;
  comment: string;
  decided_at: number;
}

/** Only ever inserted into. */
interface AuditLogTable {
  seq: number;
  event_id: string;
  time: number;
  actor_id: string;
  action: string;
  resource: string;
  project_id: string | null;
  /** Canonical JSON of an object. */
  context: string;
  previous_hash: string;
  integrity_hash: string;
}
