import { WaybillError } from "@waybill/core";
import type { Principal } from "../permissions/principal.ts";
import type { TokenService } from "../tokens/token-service.ts";
import { sessionCookie, type BrowserCookie } from "./browser-cookie.ts";
import { assertCsrfToken, type ActiveSession, type Sessions } from "./sessions.ts";

/** What of a request says who asks. */
export interface Credentials {
  /** GET and HEAD change nothing, and need no CSRF token. */
  readonly method: string;
  /** Texts of the headers `Authorization`, `Cookie` and `X-CSRF-Token`. */
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
  readonly csrfToken?: string | undefined;
  /** Whether it is a sign of life, which keeps a session from ending. Default: yes. */
  readonly isNew?: boolean;
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
  readonly #cookie: BrowserCookie;

  /** @param cookie the one that sessions are in */
  constructor(sessions: Sessions, tokens: TokenService, cookie: BrowserCookie = sessionCookie(true)) {
    this.#sessions = sessions;
    this.#tokens = tokens;
    this.#cookie = cookie;
  }

  /**
   * A token counts alone, and one that is no good makes nobody of whoever else is signed in.
   *
   * @returns null: nobody
   * @throws WaybillError `AUTH_REQUIRED` where a token is no good, `AUTH_CSRF`
   */
  async identify(credentials: Credentials): Promise<Caller | null> {
    const { authorization, cookie, method, csrfToken, isNew } = credentials;
    if (authorization !== undefined) {
      const token = /^Bearer +(\S{1,200})$/i.exec(authorization)?.[1];
      const principal = token === undefined ? null : await this.#tokens.authenticate(token);
      if (principal === null) throw new WaybillError("AUTH_REQUIRED", {});
      return { principal, active: null };
    }
    const value = this.#cookie.read(cookie);
    const active = value === null ? null : await this.#sessions.authenticate(value, isNew);
    if (active === null) return null;
    if (method !== "GET" && method !== "HEAD") assertCsrfToken(active, csrfToken);
    return { principal: active.principal, active };
  }
}
