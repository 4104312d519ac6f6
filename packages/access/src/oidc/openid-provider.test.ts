import { WaybillError } from "@waybill/core";
import { ManualClock } from "@waybill/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { randomText } from "../random-text.ts";
import { FakeOpenIdProvider, type Lies } from "../testing/index.ts";
import type { AuthorizationRequest } from "./identity-provider.ts";
import { OpenIdProvider } from "./openid-provider.ts";

const REDIRECT = "https://waybill.example.com/v1/oidc/callback";
const ANN = {
  sub: "248289761001",
  email: "Ann@Example.com",
  email_verified: true,
  preferred_username: "ann",
  name: "Ann Example",
};

let fake: FakeOpenIdProvider;
let clock: ManualClock;
let provider: OpenIdProvider;

beforeEach(async () => {
  fake = await FakeOpenIdProvider.start(REDIRECT);
  clock = new ManualClock();
  provider = makeProvider();
});

afterEach(async () => {
  await fake.stop();
});

function makeProvider(change: { clientSecret?: string; issuer?: string; clientId?: string } = {}): OpenIdProvider {
  const { issuer, clientId, clientSecret } = fake;
  return new OpenIdProvider({ issuer, clientId, clientSecret, redirectUri: REDIRECT, ...change }, clock);
}

function newRequest(): AuthorizationRequest {
  return { state: randomText(), nonce: randomText(), codeVerifier: randomText() };
}

async function errorOf(work: Promise<unknown>): Promise<WaybillError> {
  const error = await work.then(
    () => new Error("it was taken"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WaybillError);
  // Neither the code nor a token may be in what is logged of it.
  expect((error as Error).cause).toBeUndefined();
  return error as WaybillError;
}

test("a person signs in", async () => {
  const request = newRequest();
  const url = await provider.authorizationUrl(request);
  expect(url).not.toContain(request.codeVerifier);
  const query = fake.signIn(url, ANN);
  expect(await provider.redeem(query, request)).toEqual({
    issuer: fake.issuer,
    subject: "248289761001",
    email: "ann@example.com",
    isEmailVerified: true,
    preferredName: "ann",
    displayName: "Ann Example",
  });
  expect(fake.requests).toContain("/jwks");
});

test.each(["true", 1, undefined])("an address is proved only by the word true itself: %s", async (email_verified) => {
  const request = newRequest();
  const query = fake.signIn(await provider.authorizationUrl(request), { ...ANN, email_verified });
  expect((await provider.redeem(query, request)).isEmailVerified).toBe(false);
});

describe("nobody signs in with", () => {
  const now = Math.floor(Date.now() / 1000);
  test.each<[string, Lies]>([
    ["another nonce", { claims: { nonce: "of another sign-in" } }],
    ["no nonce", { claims: { nonce: undefined } }],
    ["another audience", { claims: { aud: "another-client" } }],
    ["several audiences and another authorised party", { claims: { aud: ["waybill", "x"], azp: "x" } }],
    ["another issuer", { claims: { iss: "https://evil.example.com" } }],
    ["an ID token that is over", { claims: { iat: now - 7200, exp: now - 3600 } }],
    ["an ID token of the future", { claims: { iat: now + 3600, nbf: now + 3600, exp: now + 7200 } }],
    ["an ID token without an end", { claims: { exp: undefined } }],
    ["an ID token without a subject", { claims: { sub: undefined } }],
    ["an ID token that is not signed", { algorithm: "none" }],
    ["an ID token signed with the public key", { algorithm: "HS256" }],
    ["an ID token that somebody else signed", { isForged: true }],
    ["no ID token", { withoutIdToken: true }],
  ])("%s", async (_name, lies) => {
    const request = newRequest();
    const query = fake.signIn(await provider.authorizationUrl(request), ANN);
    fake.lies = lies;
    expect((await errorOf(provider.redeem(query, request))).code).toBe("OIDC_REFUSED");
  });

  test("a code that was redeemed already", async () => {
    const request = newRequest();
    const query = fake.signIn(await provider.authorizationUrl(request), ANN);
    await provider.redeem(query, request);
    const error = await errorOf(provider.redeem(query, request));
    expect(error).toMatchObject({ code: "OIDC_REFUSED", message: expect.stringContaining("invalid_grant") as unknown });
  });

  test("another sign-in's state, verifier or nonce", async () => {
    const other = newRequest();
    for (const change of [{ state: other.state }, { codeVerifier: other.codeVerifier }, { nonce: other.nonce }]) {
      const request = newRequest();
      const query = fake.signIn(await provider.authorizationUrl(request), ANN);
      expect((await errorOf(provider.redeem(query, { ...request, ...change }))).code).toBe("OIDC_REFUSED");
    }
  });

  test("another provider's answer, or one that says no", async () => {
    const request = newRequest();
    const query = new URLSearchParams(fake.signIn(await provider.authorizationUrl(request), ANN));
    query.set("iss", "https://evil.example.com");
    expect((await errorOf(provider.redeem(`?${query.toString()}`, request))).code).toBe("OIDC_REFUSED");
    const denied = new URLSearchParams({ error: "access_denied", state: request.state, iss: fake.issuer });
    const error = await errorOf(provider.redeem(`?${denied.toString()}`, request));
    expect(error.message).toContain("access_denied");
    const odd = new URLSearchParams({ error: "<b>x</b>", state: request.state, iss: fake.issuer });
    expect((await errorOf(provider.redeem(`?${odd.toString()}`, request))).message).not.toContain("<b>");
    expect((await errorOf(provider.redeem(`?state=${"x".repeat(9000)}`, request))).code).toBe("OIDC_REFUSED");
    expect((await errorOf(provider.redeem("", request))).code).toBe("OIDC_REFUSED");
  });

  test("a client whose secret is wrong", async () => {
    const wrong = makeProvider({ clientSecret: "guessed" });
    const request = newRequest();
    const query = fake.signIn(await wrong.authorizationUrl(request), ANN);
    const error = await errorOf(wrong.redeem(query, request));
    expect(error).toMatchObject({ code: "OIDC_REFUSED" });
    expect(error.message).not.toContain("guessed");
  });
});

describe("a provider", () => {
  test("that says to be another one is not used", async () => {
    fake.lies = { issuer: "https://evil.example.com" };
    expect((await errorOf(provider.authorizationUrl(newRequest()))).code).toBe("OIDC_UNAVAILABLE");
    fake.lies = {};
    // What failed is not remembered.
    await expect(provider.authorizationUrl(newRequest())).resolves.toContain("/authorize");
  });

  test("that does not answer, or answers without end, is one that is not there", async () => {
    const request = newRequest();
    const query = fake.signIn(await provider.authorizationUrl(request), ANN);
    fake.lies = { answerBytes: 3 * 1024 * 1024 };
    expect((await errorOf(provider.redeem(query, request))).code).toBe("OIDC_UNAVAILABLE");
    await fake.stop();
    expect((await errorOf(provider.redeem(query, request))).code).toBe("OIDC_UNAVAILABLE");
    expect((await errorOf(makeProvider().authorizationUrl(request))).code).toBe("OIDC_UNAVAILABLE");
  });

  test("beyond this machine is asked through TLS alone", async () => {
    const plain = makeProvider({ issuer: "http://id.example.com" });
    expect((await errorOf(plain.authorizationUrl(newRequest()))).code).toBe("OIDC_UNAVAILABLE");
    const none = makeProvider({ issuer: "not an address" });
    expect((await errorOf(none.authorizationUrl(newRequest()))).code).toBe("OIDC_UNAVAILABLE");
  });

  test("is asked once an hour what it is", async () => {
    function asked(): number {
      return fake.requests.filter((path) => path.startsWith("/.well-known/")).length;
    }
    await provider.authorizationUrl(newRequest());
    await provider.authorizationUrl(newRequest());
    expect(asked()).toBe(1);
    clock.advance(3_600_000);
    await provider.authorizationUrl(newRequest());
    expect(asked()).toBe(2);
  });
});
