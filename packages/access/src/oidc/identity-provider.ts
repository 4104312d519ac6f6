/** An organisation's sign-in, behind a port. */
export interface IdentityProvider {
  /** Where a browser goes to sign in. @throws WaybillError `OIDC_UNAVAILABLE` */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  /**
   * Redeems what the browser came back with for who it is, everything compared that can be: state, nonce, code
   * verifier, issuer, audience, times and signature.
   *
   * @param query the parameters the browser came back with
   * @throws WaybillError `OIDC_UNAVAILABLE`, `OIDC_REFUSED`
   */
  redeem(query: string, expected: AuthorizationRequest): Promise<Identity>;
}

export interface AuthorizationRequest {
  readonly state: string;
  readonly nonce: string;
  /** PKCE: the provider learns its hash first, and itself with the code. */
  readonly codeVerifier: string;
}

/** Who a provider says somebody is. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  /** Whether the provider says that the address was proved. */
  readonly isEmailVerified: boolean;
  readonly preferredName: string | null;
  readonly displayName: string | null;
}
