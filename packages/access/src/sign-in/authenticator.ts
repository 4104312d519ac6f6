import { WaybillError } from "@waybill/core";
import type { Principal } from "../permissions/principal.ts";
import type { TokenService } from "../tokens/token-service.ts";
import { assertCsrfToken, type ActiveSession, type Sessions } from "./sessions.ts";

/** Browsers take a cookie of this beginning only with Secure, the path `/` and no domain: no other host can set it. */
export const SESSION_COOKIE = "__Host-waybill";

/** Of all headers together; a server takes less. */
const MAX_HEADER = 16_384;

/** What of a request says who asks. */
export interface Credentials {
  /** GET and HEAD change nothing, and need no CSRF token. */
  readonly method: string;
  /** Texts of the headers `Authorization`, `Cookie` and `X-CSRF-Token`. */
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
  readonly csrfToken?: string | undefined;
}

export interface Caller {
  readonly principal: Principal;
  /** null: a token. */
  readonly active: ActiveSession | null;
}

/** Finds out who makes a request. */
export class Authenticator {
  readonly #sessions: Sessions;
  readonly #tokens: TokenService;

  constructor(sessions: Sessions, tokens: TokenService) {
    this.#sessions = sessions;
    this.#tokens = tokens;
  }

  /**
   * A token counts alone, and one that is no good makes nobody of whoever else is signed in.
   *
   * @returns null: nobody
   * @throws WaybillError `AUTH_REQUIRED` where a token is no good, `AUTH_CSRF`
   */
  async identify(credentials: Credentials): Promise<Caller | null> {
    const { authorization, cookie, method, csrfToken } = credentials;
    if (authorization !== undefined) {
      const token = /^Bearer +(\S{1,200})$/i.exec(authorization)?.[1];
      const principal = token === undefined ? null : await this.#tokens.authenticate(token);
      if (principal === null) throw new WaybillError("AUTH_REQUIRED", {});
      return { principal, active: null };
    }
    const value = sessionCookieOf(cookie);
    const active = value === null ? null : await this.#sessions.authenticate(value);
    if (active === null) return null;
    if (method !== "GET" && method !== "HEAD") assertCsrfToken(active, csrfToken);
    return { principal: active.principal, active };
  }
}

/** @returns null: there is none, or more than one, of which nobody could say whose it is */
export function sessionCookieOf(header: string | undefined): string | null {
  if (header === undefined || header.length > MAX_HEADER) return null;
  const values = header
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${SESSION_COOKIE}=`));
  return values.length === 1 ? (values[0]?.slice(SESSION_COOKIE.length + 1) ?? null) : null;
}

/** `Set-Cookie` of a session; it lives as long as the browser, and the server's own limits. */
export function sessionCookie(value: string): string {
  return `${SESSION_COOKIE}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax`;
}

/** `Set-Cookie` that ends it. */
export function endedSessionCookie(): string {
  return `${SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;
}
