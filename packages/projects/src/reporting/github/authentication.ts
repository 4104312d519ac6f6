import { createPrivateKey, sign, type KeyObject } from "node:crypto";
import { WaybillError, type Clock } from "@waybill/core";
import * as z from "zod/mini";
import type { ForgeClient, ForgeRequest } from "../http/forge-client.ts";
import { API_HEADERS } from "./api-headers.ts";

/** Says who asks. A token is never older than a minute before its end. */
export interface GithubAuthentication {
  /** The value of `Authorization` for requests about a repository. */
  authorization(owner: string, name: string): Promise<string>;
  /** Forgets what the forge has refused, so that the next request asks anew. */
  forget(owner: string, name: string): void;
}

/** With a personal access token. */
export function tokenAuthentication(token: string): GithubAuthentication {
  if (!/^[\x21-\x7e]{1,500}$/.test(token)) throw settingsInvalid("the token is none");
  return { authorization: () => Promise.resolve(`Bearer ${token}`), forget: () => undefined };
}

export interface GithubAppSettings {
  /** Client id or app id. */
  readonly appId: string;
  /** PEM, PKCS #1 or PKCS #8, as GitHub gives it. */
  readonly privateKey: string;
  /** Null: asked of GitHub for each repository. */
  readonly installationId: string | null;
}

/** Seconds that the proof of being the app holds. GitHub takes ten minutes at most. */
const PROOF_SECONDS = 540;

/** Seconds by which GitHub's clock may be behind ours. */
const PROOF_SKEW_SECONDS = 60;

/** A token is renewed so long before its end. */
const RENEW_BEFORE_MS = 60_000;

const MAX_CACHED = 1000;

const installationSchema = z.object({ id: z.int().check(z.positive()) });

const tokenSchema = z.object({
  token: z.string().check(z.regex(/^[\x21-\x7e]{1,500}$/)),
  expires_at: z.iso.datetime({ offset: true }),
});

interface Cached {
  readonly authorization: Promise<string>;
  /** Milliseconds since the epoch; Infinity while it is asked for. */
  renewAt: number;
}

/** As a GitHub App: a signed proof gives a token of an hour for one installation. */
export class GithubAppAuthentication implements GithubAuthentication {
  readonly #client: ForgeClient;
  readonly #clock: Pick<Clock, "now">;
  readonly #settings: GithubAppSettings;
  readonly #key: KeyObject;
  readonly #installations = new Map<string, string>();
  readonly #tokens = new Map<string, Cached>();

  /** @throws WaybillError `FORGE_SETTINGS_INVALID` for a key that is none */
  constructor(client: ForgeClient, clock: Pick<Clock, "now">, settings: GithubAppSettings) {
    this.#client = client;
    this.#clock = clock;
    this.#settings = settings;
    this.#key = readKey(settings.privateKey);
  }

  async authorization(owner: string, name: string): Promise<string> {
    const installation = this.#settings.installationId ?? (await this.#installationOf(owner, name));
    const known = this.#tokens.get(installation);
    if (known !== undefined && this.#clock.now() < known.renewAt) return await known.authorization;
    if (this.#tokens.size >= MAX_CACHED) this.#tokens.clear();
    // Kept before it is there, so that requests at the same moment ask once.
    const cached: Cached = {
      renewAt: Infinity,
      authorization: this.#newToken(installation, (end) => (cached.renewAt = end)),
    };
    this.#tokens.set(installation, cached);
    try {
      return await cached.authorization;
    } catch (error) {
      if (this.#tokens.get(installation) === cached) this.#tokens.delete(installation);
      throw error;
    }
  }

  forget(owner: string, name: string): void {
    const repository = `${owner}/${name}`;
    const installation = this.#settings.installationId ?? this.#installations.get(repository);
    this.#installations.delete(repository);
    if (installation !== undefined) this.#tokens.delete(installation);
  }

  async #installationOf(owner: string, name: string): Promise<string> {
    const repository = `${owner}/${name}`;
    const known = this.#installations.get(repository);
    if (known !== undefined) return known;
    const { id } = await this.#ask({ method: "GET", path: ["repos", owner, name, "installation"] }, installationSchema);
    if (this.#installations.size >= MAX_CACHED) this.#installations.clear();
    this.#installations.set(repository, String(id));
    return String(id);
  }

  async #newToken(installation: string, endsAt: (time: number) => void): Promise<string> {
    const path = ["app", "installations", installation, "access_tokens"];
    // No more than what is needed: what is stolen is worth less.
    const body = { permissions: { statuses: "write", checks: "write" } };
    const { token, expires_at: expires } = await this.#ask({ method: "POST", path, body }, tokenSchema);
    endsAt(Date.parse(expires) - RENEW_BEFORE_MS);
    return `Bearer ${token}`;
  }

  async #ask<Value>(request: Omit<ForgeRequest, "headers">, schema: z.ZodMiniType<Value>): Promise<Value> {
    const headers = { ...API_HEADERS, authorization: `Bearer ${this.#proof()}` };
    const { body } = await this.#client.send({ ...request, headers });
    const result = z.safeParse(schema, body);
    if (result.success) return result.data;
    const problem = `${result.error.issues[0]?.path.join(".") ?? "it"} is missing or not what it should be`;
    const { method, path } = request;
    throw new WaybillError("FORGE_ANSWER_INVALID", {
      host: this.#client.host,
      method,
      path: `/${path.join("/")}`,
      problem,
    });
  }

  /** A JSON web token (RFC 7519) signed with RS256. */
  #proof(): string {
    const now = Math.floor(this.#clock.now() / 1000);
    const claims = { iat: now - PROOF_SKEW_SECONDS, exp: now + PROOF_SECONDS, iss: this.#settings.appId };
    const content = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
    return `${content}.${sign("sha256", Buffer.from(content), this.#key).toString("base64url")}`;
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function readKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The error's own words may quote the key.
    throw settingsInvalid("the app's private key cannot be read");
  }
  if (key.asymmetricKeyType !== "rsa") throw settingsInvalid("the app's private key is no RSA key");
  return key;
}

function settingsInvalid(problem: string): WaybillError {
  return new WaybillError("FORGE_SETTINGS_INVALID", { forge: "GitHub", problem });
}
