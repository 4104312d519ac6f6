import { systemClock, systemIds, WaybillError, type Clock, type Ids } from "@waybill/core";
import type { AccessStore, AccessTransaction } from "../ports.ts";
import { isSame, randomText, sha256 } from "../random-text.ts";
import type { UserRecord } from "../records.ts";
import type { OpenedSession, Origin, Sessions } from "../sign-in/sessions.ts";
import { checkDisplayName, checkEmail, checkName } from "../users/user-names.ts";
import type { Identity, IdentityProvider } from "./identity-provider.ts";

const FLOW_MS = 10 * 60_000;
const MAX_RETURN_TO = 2000;

export interface OidcPolicy {
  /** Whoever proves an address of these domains becomes a user, with no role; empty: only who is invited. */
  readonly domains: readonly string[];
}

export interface StartedSignIn {
  /** Where the browser goes. */
  readonly url: string;
  /** For a cookie of this browser alone, until it is back. */
  readonly binding: string;
}

/** Signing in through an organisation. */
export class OidcSignIn {
  readonly #store: AccessStore;
  readonly #provider: IdentityProvider;
  readonly #sessions: Sessions;
  readonly #policy: OidcPolicy;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(
    store: AccessStore,
    provider: IdentityProvider,
    sessions: Sessions,
    policy: OidcPolicy,
    clock: Clock = systemClock,
    ids: Ids = systemIds,
  ) {
    this.#store = store;
    this.#provider = provider;
    this.#sessions = sessions;
    this.#policy = policy;
    this.#clock = clock;
    this.#ids = ids;
  }

  /** @param returnTo a path of this server; anything else becomes `/` */
  async start(returnTo: string): Promise<StartedSignIn> {
    const request = { state: randomText(), nonce: randomText(), codeVerifier: randomText() };
    const binding = randomText();
    const url = await this.#provider.authorizationUrl(request);
    await this.#store.tables.signIns.insertFlow({
      hash: sha256(request.state),
      bindingHash: sha256(binding),
      nonce: request.nonce,
      codeVerifier: request.codeVerifier,
      returnTo: localPath(returnTo),
      expiresAt: this.#clock.now() + FLOW_MS,
    });
    return { url, binding };
  }

  /**
   * What a browser came back with, once.
   *
   * @param binding what its cookie holds
   * @throws WaybillError `OIDC_REFUSED`, `OIDC_UNAVAILABLE`, `AUTH_NOT_INVITED`
   */
  async finish(
    query: string,
    binding: string | null,
    origin: Origin,
    previousCookie: string | null = null,
  ): Promise<{ readonly opened: OpenedSession; readonly returnTo: string }> {
    const states = new URLSearchParams(query).getAll("state");
    const [state] = states;
    if (state === undefined || states.length > 1) throw refused("it has no state");
    const flow = await this.#store.tables.signIns.takeFlow(sha256(state));
    if (flow === null || flow.expiresAt <= this.#clock.now()) throw refused("it is over, or was finished already");
    if (binding === null || !isSame(sha256(binding), flow.bindingHash)) throw refused("another browser began it");
    const { nonce, codeVerifier, returnTo } = flow;
    const identity = await this.#provider.redeem(query, { state, nonce, codeVerifier });
    const opened = await this.#store.transaction(async (tx) => {
      const user = await this.#userOf(tx, identity);
      if (user === null || user.disabledAt !== null) return null;
      return await this.#sessions.open(tx, user, "oidc", origin, previousCookie);
    });
    if (opened === null) throw new WaybillError("AUTH_NOT_INVITED", {});
    return { opened, returnTo };
  }

  async #userOf(tx: AccessTransaction, identity: Identity): Promise<UserRecord | null> {
    const { issuer, subject } = identity;
    const known = await tx.users.identity(issuer, subject);
    if (known !== null) return await tx.users.find(known.userId);
    // An address that nobody proved is somebody else's.
    if (!identity.isEmailVerified || identity.email === null) return null;
    await tx.users.lock();
    const user = (await this.#invited(tx, identity.email)) ?? (await this.#newUser(tx, identity, identity.email));
    if (user === null) return null;
    if (!(await tx.users.insertIdentity({ issuer, subject, userId: user.id, createdAt: this.#clock.now() })))
      return null;
    tx.audit({
      time: this.#clock.now(),
      actorId: `user:${user.name}`,
      action: "IDENTITY_LINKED",
      resource: `user:${user.name}`,
      projectId: null,
      context: { issuer: issuer.slice(0, 500), subject: subject.slice(0, 500) },
    });
    return user;
  }

  /**
   * Somebody an administrator has put down with this address, who has never signed in otherwise: a user with a password
   * or another identity is not taken over by whoever controls an address.
   */
  async #invited(tx: AccessTransaction, email: string): Promise<UserRecord | null> {
    const [user, ...others] = await tx.users.findByEmail(email);
    if (user === undefined || others.length > 0 || user.passwordHash !== null) return null;
    return (await tx.users.identitiesOf(user.id)).length === 0 ? user : null;
  }

  async #newUser(tx: AccessTransaction, identity: Identity, email: string): Promise<UserRecord | null> {
    const domain = email.slice(email.lastIndexOf("@") + 1);
    if (!this.#policy.domains.some((allowed) => allowed.toLowerCase() === domain)) return null;
    // An address that is somebody's already makes no second user of it.
    if ((await tx.users.findByEmail(email)).length > 0) return null;
    const user: UserRecord = {
      id: this.#ids.next(),
      name: checkName(email),
      displayName: checkDisplayName(
        identity.displayName
          ?.replaceAll(/\p{Cc}/gu, "")
          .slice(0, 200)
          .toWellFormed() ?? "",
      ),
      email: checkEmail(email),
      passwordHash: null,
      isServerAdmin: false,
      createdAt: this.#clock.now(),
      disabledAt: null,
    };
    if (!(await tx.users.insert(user))) return null;
    tx.audit({
      time: user.createdAt,
      actorId: `user:${user.name}`,
      action: "USER_CREATED",
      resource: `user:${user.name}`,
      projectId: null,
      context: { server_admin: false, identity_provider: identity.issuer.slice(0, 500) },
    });
    return user;
  }
}

/** Nobody is sent to another site: neither `//host` nor what browsers take for it. */
function localPath(returnTo: string): string {
  const isPath = returnTo.length <= MAX_RETURN_TO && /^\/(?![/\\])[\x21-\x5B\x5D-\x7E]*$/.test(returnTo);
  return isPath ? returnTo : "/";
}

function refused(detail: string): WaybillError {
  return new WaybillError("OIDC_REFUSED", { detail });
}
