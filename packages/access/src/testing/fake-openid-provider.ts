import { createHash, createHmac, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeUser {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

interface IssuedCode {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string | null;
  readonly user: FakeUser;
}

/** What a provider that lies does otherwise than a strict one. */
export interface Lies {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly algorithm?: "none" | "HS256";
  /** Signs with a key that it does not publish. */
  readonly isForged?: boolean;
  readonly withoutIdToken?: boolean;
  /** Answers the code with so many bytes of JSON. */
  readonly answerBytes?: number;
  /** What discovery says that the issuer is. */
  readonly issuer?: string;
  readonly tokenStatus?: number;
}

/**
 * An OpenID provider on loopback that speaks the real protocol, and is strict: it compares client, secret, redirect
 * address and code verifier, and takes a code once. `lies` make it a provider not to be trusted.
 */
export class FakeOpenIdProvider {
  readonly issuer: string;
  readonly clientId = "waybill";
  readonly clientSecret = "s3cret/with+signs";
  lies: Lies = {};
  /** Requests by path, to see what was asked for. */
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #key = generateKeyPairSync("rsa", { modulusLength: 2048 });
  readonly #other = generateKeyPairSync("rsa", { modulusLength: 2048 });
  readonly #codes = new Map<string, IssuedCode>();
  readonly #redirectUri: string;

  private constructor(server: Server, redirectUri: string) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#redirectUri = redirectUri;
    server.on("request", (request, response) => void this.#answer(request, response));
  }

  static async start(redirectUri: string): Promise<FakeOpenIdProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FakeOpenIdProvider(server, redirectUri);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What a browser does there: follows the address, signs in as `user`, and comes back with this query. */
  signIn(authorizationUrl: string, user: FakeUser): string {
    const url = new URL(authorizationUrl);
    const parameters = url.searchParams;
    const problem =
      url.origin + url.pathname !== `${this.issuer}/authorize` ||
      parameters.get("response_type") !== "code" ||
      parameters.get("client_id") !== this.clientId ||
      parameters.get("redirect_uri") !== this.#redirectUri ||
      parameters.get("code_challenge_method") !== "S256" ||
      !(parameters.get("scope") ?? "").split(" ").includes("openid");
    if (problem) throw new Error(`the provider refuses ${authorizationUrl}`);
    const code = randomBytes(16).toString("base64url");
    this.#codes.set(code, {
      redirectUri: this.#redirectUri,
      challenge: parameters.get("code_challenge") ?? "",
      nonce: parameters.get("nonce"),
      user,
    });
    return `?${new URLSearchParams({ code, state: parameters.get("state") ?? "", iss: this.issuer }).toString()}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", this.issuer);
    this.requests.push(pathname);
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return json(response, 200, this.#configuration());
      case "/jwks":
        return json(response, 200, { keys: [{ ...this.#key.publicKey.export({ format: "jwk" }), ...JWK }] });
      case "/token":
        return this.#token(response, request.headers.authorization ?? "", new URLSearchParams(await bodyOf(request)));
      default:
        return json(response, 404, { error: "not_found" });
    }
  }

  #configuration(): object {
    return {
      issuer: this.lies.issuer ?? this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      authorization_response_iss_parameter_supported: true,
      code_challenge_methods_supported: ["S256"],
    };
  }

  #token(response: ServerResponse, authorization: string, parameters: URLSearchParams): void {
    const [id, secret] = Buffer.from(authorization.replace(/^Basic /, ""), "base64")
      .toString()
      .split(":");
    if (decodeURIComponent(id ?? "") !== this.clientId || decodeURIComponent(secret ?? "") !== this.clientSecret) {
      return json(response, 401, { error: "invalid_client" });
    }
    const code = parameters.get("code") ?? "";
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    const challenge = createHash("sha256")
      .update(parameters.get("code_verifier") ?? "")
      .digest("base64url");
    const isRight =
      parameters.get("grant_type") === "authorization_code" &&
      issued?.redirectUri === parameters.get("redirect_uri") &&
      issued?.challenge === challenge;
    if (issued === undefined || !isRight) return json(response, 400, { error: "invalid_grant" });
    const { tokenStatus = 200, answerBytes = 0, withoutIdToken = false } = this.lies;
    const idToken = withoutIdToken ? {} : { id_token: this.#idToken(issued) };
    const padding = answerBytes === 0 ? {} : { padding: "x".repeat(answerBytes) };
    json(response, tokenStatus, { access_token: "opaque", token_type: "Bearer", ...idToken, ...padding });
  }

  #idToken({ nonce, user }: IssuedCode): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: this.clientId, iat: now, exp: now + 300, nonce, ...user };
    const algorithm = this.lies.algorithm ?? "RS256";
    const head = `${part({ alg: algorithm, kid: JWK.kid, typ: "JWT" })}.${part({ ...claims, ...this.lies.claims })}`;
    if (algorithm === "none") return `${head}.`;
    return `${head}.${this.#signature(algorithm, head)}`;
  }

  /** HS256 with the public key: what a client takes that believes the token's own header. */
  #signature(algorithm: "HS256" | "RS256", head: string): string {
    const { publicKey, privateKey } = this.lies.isForged === true ? this.#other : this.#key;
    if (algorithm === "RS256") return signed(head, privateKey);
    const pem = publicKey.export({ format: "pem", type: "spki" });
    return createHmac("sha256", pem).update(head).digest("base64url");
  }
}

const JWK = { kid: "key-1", use: "sig", alg: "RS256" } as const;

function signed(text: string, key: KeyObject): string {
  return sign("sha256", Buffer.from(text), key).toString("base64url");
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
