export { ApprovalService, type ApprovalRequest } from "./approvals/approval-service.ts";
export {
  APPROVAL_KINDS,
  APPROVAL_STATUSES,
  MAX_REQUIRED,
  type ApprovalDecision,
  type ApprovalKind,
  type ApprovalRecord,
  type ApprovalStatus,
} from "./approvals/approval.ts";
export { AUDIT_ACTIONS, type AuditAction } from "./audit/actions.ts";
export { AuditLog, type AuditAnchor, type AuditVerdict } from "./audit/audit-log.ts";
export { canonicalJson, type Json } from "./audit/canonical-json.ts";
export { chainEntry, type AuditEntry, type AuditQuery, type NewAuditEntry } from "./audit/entry.ts";
export { serverEventOf } from "./audit/server-event.ts";
export {
  EnvironmentService,
  MAX_ENVIRONMENTS_OF_PROJECT,
  unknownEnvironment,
  type EnvironmentChange,
  type NewEnvironment,
} from "./environments/environment-service.ts";
export {
  MAX_APPROVERS,
  MAX_BRANCH_PATTERN,
  MAX_BRANCH_PATTERNS,
  MAX_DESCRIPTION,
  mayUse,
  type EnvironmentRules,
} from "./environments/environment.ts";
export type { AuthorizationRequest, Identity, IdentityProvider } from "./oidc/identity-provider.ts";
export { OidcSignIn, type OidcPolicy, type StartedSignIn } from "./oidc/oidc-sign-in.ts";
export { OpenIdProvider, type OpenIdSettings } from "./oidc/openid-provider.ts";
export { SCRYPT_PARAMETERS, type ScryptParameters } from "./passwords/password-hash.ts";
export { Passwords, type PasswordOptions } from "./passwords/passwords.ts";
export { authorize, isInProject, may, projectsWhere } from "./permissions/may.ts";
export {
  ALL_PERMISSIONS,
  isPermission,
  PERMISSIONS,
  type Permission,
  type Requirement,
} from "./permissions/permissions.ts";
export { systemPrincipal, type Principal } from "./permissions/principal.ts";
export { isAtLeast, ROLES, type Role } from "./permissions/roles.ts";
export * from "./ports.ts";
export type * from "./records.ts";
export { decryptSecret, encryptSecret, type EncryptedSecret } from "./secrets/envelope.ts";
export { KeyRing, newKeyText, parseKeyRing, secretsKey, type SecretsKey } from "./secrets/key-ring.ts";
export { addKey, dropOldKeys, keyFilePath, loadKeyRing, type KeyRingPlace } from "./secrets/load-key-ring.ts";
export type { SecretTarget } from "./secrets/scope.ts";
export {
  MAX_SECRET_BYTES,
  MAX_SECRETS_OF_PROJECT,
  SecretService,
  type ReencryptReport,
  type SecretInfo,
  type SecretsRequest,
} from "./secrets/secret-service.ts";
export { Authenticator, type Caller, type Credentials } from "./sign-in/authenticator.ts";
export { BrowserCookie, sessionCookie } from "./sign-in/browser-cookie.ts";
export {
  assertCsrfToken,
  SESSION_LIMITS,
  Sessions,
  type ActiveSession,
  type OpenedSession,
  type Origin,
  type SessionInfo,
  type SessionLimits,
} from "./sign-in/sessions.ts";
export { SignInService, type SignInLink } from "./sign-in/sign-in-service.ts";
export { TokenService, type CreatedToken, type NewToken, type TokenInfo } from "./tokens/token-service.ts";
export { UserService, type NewUser, type UserInfo } from "./users/user-service.ts";
