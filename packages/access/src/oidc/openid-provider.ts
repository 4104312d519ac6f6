import { systemClock, WaybillError, type Clock } from "@waybill/core";
import type { Configuration, CustomFetch } from "openid-client";
import type { AuthorizationRequest, Identity, IdentityProvider } from "./identity-provider.ts";

export interface OpenIdSettings {
  /** `https://…`; `http://` on this machine alone. */
  readonly issuer: string;
  readonly clientId: string;
  /** Empty: a public client, which PKCE alone protects. */
  readonly clientSecret: string;
  /** As it is registered with the provider. Not from a request: its host could be anything. */
  readonly redirectUri: string;
  /** `openid email profile` where nothing is said. */
  readonly scope?: string;
}

const TIMEOUT_S = 10;

/** Of the clocks of two machines. */
const CLOCK_TOLERANCE_S = 30;

/** No answer of a provider is larger. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** What a provider says about itself is asked for again after an hour. */
const CONFIGURATION_MS = 3_600_000;

/** Claims and query parameters are shown to people, and used as names. */
const MAX_TEXT = 255;
const MAX_QUERY = 8192;

type Library = typeof import("openid-client");

interface Known {
  readonly configuration: Configuration;
  readonly at: number;
}

/** OpenID Connect: authorization code with PKCE, state and nonce; ID tokens' signatures are always checked. */
export class OpenIdProvider implements IdentityProvider {
  readonly #settings: OpenIdSettings;
  readonly #clock: Clock;
  #known: Known | null = null;

  constructor(settings: OpenIdSettings, clock: Clock = systemClock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  async authorizationUrl({ state, nonce, codeVerifier }: AuthorizationRequest): Promise<string> {
    const library = await import("openid-client");
    const configuration = await this.#configuration(library);
    const url = library.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#settings.redirectUri,
      scope: this.#settings.scope ?? "openid email profile",
      state,
      nonce,
      code_challenge: await library.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: "S256",
    });
    return url.href;
  }

  async redeem(query: string, { state, nonce, codeVerifier }: AuthorizationRequest): Promise<Identity> {
    if (query.length > MAX_QUERY) throw refused("the answer is too long");
    const library = await import("openid-client");
    const configuration = await this.#configuration(library);
    const url = new URL(this.#settings.redirectUri);
    url.search = query;
    try {
      const tokens = await library.authorizationCodeGrant(configuration, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw refused("there is no ID token");
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: text(claims["email"])?.toLowerCase() ?? null,
        isEmailVerified: claims["email_verified"] === true,
        preferredName: text(claims["preferred_username"]),
        displayName: text(claims["name"]),
      };
    } catch (error) {
      throw this.#errorOf(error);
    }
  }

  async #configuration(library: Library): Promise<Configuration> {
    const now = this.#clock.monotonic();
    if (this.#known !== null && now - this.#known.at < CONFIGURATION_MS) return this.#known.configuration;
    const { issuer, clientId, clientSecret } = this.#settings;
    try {
      const server = new URL(issuer);
      const isInsecure = server.protocol === "http:" && isLoopback(server.hostname);
      const configuration = await library.discovery(
        server,
        clientId,
        { [library.clockTolerance]: CLOCK_TOLERANCE_S },
        clientSecret === "" ? library.None() : library.ClientSecretBasic(clientSecret),
        {
          [library.customFetch]: boundedFetch,
          timeout: TIMEOUT_S,
          execute: [library.enableNonRepudiationChecks, ...(isInsecure ? [library.allowInsecureRequests] : [])],
        },
      );
      this.#known = { configuration, at: now };
      return configuration;
    } catch (error) {
      throw new WaybillError("OIDC_UNAVAILABLE", { issuer, detail: detailOf(error) });
    }
  }

  /** Never with the error as its cause: it may hold the code, the tokens, or what they say. */
  #errorOf(error: unknown): WaybillError {
    if (error instanceof WaybillError) return error;
    const isUnreachable = error instanceof TypeError || codeOf(error) === "OAUTH_TIMEOUT";
    const detail = detailOf(error);
    return isUnreachable
      ? new WaybillError("OIDC_UNAVAILABLE", { issuer: this.#settings.issuer, detail })
      : refused(detail);
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** As `fetch`, but an answer without end is one that failed. */
const boundedFetch: CustomFetch = async (url, { body, method, headers, redirect, signal }) => {
  const response = await fetch(url, {
    method,
    headers,
    redirect,
    ...(body === undefined ? {} : { body: body as NonNullable<RequestInit["body"]> }),
    ...(signal === undefined ? {} : { signal }),
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_RESPONSE_BYTES) throw new TypeError("the answer is too large");
    chunks.push(chunk);
  }
  const { status, statusText } = response;
  const content = [204, 205, 304].includes(status) ? null : Buffer.concat(chunks);
  return new Response(content, { status, statusText, headers: response.headers });
};

function refused(detail: string): WaybillError {
  return new WaybillError("OIDC_REFUSED", { detail });
}

/** What of an error may be told: the library's own words, names of claims, and codes of the protocol. */
function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return "it is unknown why";
  if ("error" in error && typeof error.error === "string") {
    return /^[a-z_]{1,60}$/.test(error.error) ? `the provider says ${error.error}` : "the provider says no";
  }
  const claim = claimOf(error);
  return claim === null ? error.message : `${error.message} (${claim})`;
}

function claimOf(error: Error): string | null {
  let cause: unknown = error.cause;
  for (let depth = 0; depth < 3 && typeof cause === "object" && cause !== null; depth += 1) {
    if ("claim" in cause && typeof cause.claim === "string" && /^\w{1,40}$/.test(cause.claim)) return cause.claim;
    cause = "cause" in cause ? cause.cause : null;
  }
  return null;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}

function text(claim: unknown): string | null {
  return typeof claim === "string" && claim !== "" && claim.length <= MAX_TEXT ? claim : null;
}
