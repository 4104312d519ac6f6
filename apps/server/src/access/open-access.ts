import {
  ApprovalService,
  AuditLog,
  Authenticator,
  BrowserCookie,
  EnvironmentService,
  OidcSignIn,
  OpenIdProvider,
  Passwords,
  SecretService,
  sessionCookie,
  Sessions,
  SignInService,
  TokenService,
  UserService,
  type AccessStore,
  type KeyRing,
  type OpenIdSettings,
} from "@waybill/access";
import type { Clock, Ids } from "@waybill/core";

/** Who may do what, as handlers of routes use it. */
export interface AccessServices {
  readonly store: AccessStore;
  readonly users: UserService;
  readonly tokens: TokenService;
  readonly sessions: Sessions;
  readonly signIn: SignInService;
  /** Null: there is no identity provider. */
  readonly oidc: OidcSignIn | null;
  readonly secrets: SecretService;
  readonly approvals: ApprovalService;
  readonly environments: EnvironmentService;
  readonly audit: AuditLog;
  readonly authenticator: Authenticator;
  readonly cookies: {
    readonly session: BrowserCookie;
    /** Binds a sign-in through the identity provider to the browser that began it. */
    readonly signIn: BrowserCookie;
  };
  /** Whether browsers come by `https://`. */
  readonly isSecure: boolean;
}

export interface AccessOptions {
  readonly store: AccessStore;
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly ids: Ids;
  /** As it is set; without a slash at its end. */
  readonly publicUrl: string | null;
  readonly oidc: (OpenIdSettings & { readonly domains: readonly string[] }) | null;
}

export function openAccess({ store, ring, clock, ids, publicUrl, oidc }: AccessOptions): AccessServices {
  const isSecure = publicUrl?.startsWith("https://") ?? false;
  const passwords = new Passwords({ clock });
  const sessions = new Sessions(store, clock, ids);
  const tokens = new TokenService(store, clock, ids);
  const session = sessionCookie(isSecure);
  return {
    store,
    users: new UserService(store, passwords, clock, ids),
    tokens,
    sessions,
    signIn: new SignInService(store, passwords, sessions, clock, ids),
    oidc:
      oidc === null
        ? null
        : new OidcSignIn(store, new OpenIdProvider(oidc, clock), sessions, { domains: oidc.domains }, clock, ids),
    secrets: new SecretService(store, ring, clock, ids),
    approvals: new ApprovalService(store, clock, ids),
    environments: new EnvironmentService(store, clock, ids),
    audit: new AuditLog(store.audit),
    authenticator: new Authenticator(sessions, tokens, session),
    cookies: { session, signIn: new BrowserCookie("waybill-sign-in", isSecure) },
    isSecure,
  };
}
