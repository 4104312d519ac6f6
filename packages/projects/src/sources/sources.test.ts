import fc from "fast-check";
import { WaybillError } from "@waybill/core";
import { describe, expect, test } from "vitest";
import { webhookSource, webhookSources } from "./registry.ts";
import type { WebhookRequest, WebhookSecret } from "./source.ts";
import {
  generic,
  gitea,
  giteaRequest,
  github,
  githubRequest,
  gitlab,
  gitlabRequest,
  NOW,
  PLAIN_SECRET,
  requestOf,
  SIGNING_SECRET,
  signedRequest,
} from "./testing/payloads.ts";

const clock = { now: () => NOW };

interface Case {
  readonly source: string;
  readonly secret: string;
  readonly other: string;
  /** The header that the sender shows that it knows the secret in. */
  readonly signature: string;
  readonly push: object;
  readonly event: string;
  readonly request: (body: unknown, event: string, secret?: string) => WebhookRequest;
}

const OTHER_SIGNING_SECRET = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;

const cases: readonly Case[] = [
  {
    source: "github",
    secret: PLAIN_SECRET,
    other: "another",
    signature: "x-hub-signature-256",
    push: github.push(),
    event: "push",
    request: githubRequest,
  },
  {
    source: "gitea",
    secret: PLAIN_SECRET,
    other: "another",
    signature: "x-gitea-signature",
    push: gitea.push(),
    event: "push",
    request: giteaRequest,
  },
  {
    source: "gitlab",
    secret: PLAIN_SECRET,
    other: "another",
    signature: "x-gitlab-token",
    push: gitlab.push(),
    event: "",
    request: (body, _event, secret) => gitlabRequest(body, secret),
  },
  {
    source: "gitlab",
    secret: SIGNING_SECRET,
    other: OTHER_SIGNING_SECRET,
    signature: "webhook-signature",
    push: gitlab.push(),
    event: "",
    request: (body, _event, secret) => signedRequest(body, secret),
  },
  {
    source: "generic",
    secret: SIGNING_SECRET,
    other: OTHER_SIGNING_SECRET,
    signature: "webhook-signature",
    push: generic.push(),
    event: "",
    request: (body, _event, secret) => signedRequest(body, secret),
  },
];

function secretsOf(...values: readonly string[]): WebhookSecret[] {
  return values.map((value, index) => ({ id: `secret-${index}`, value }));
}

function refused(code: string): unknown {
  return expect.objectContaining({ name: "WaybillError", code });
}

describe.each(cases)("$source with $signature", ({ source: id, secret, other, signature, push, event, request }) => {
  const source = webhookSource(id);

  test("is accepted with its secret, which is named", () => {
    expect(source.verify(request(push, event, secret), secretsOf(secret), clock)).toBe("secret-0");
  });

  test("is accepted with any of several secrets, as while one changes", () => {
    expect(source.verify(request(push, event, secret), secretsOf(other, secret), clock)).toBe("secret-1");
  });

  test("is refused with another secret, with an empty one and with none", () => {
    for (const secrets of [secretsOf(other), secretsOf(""), []]) {
      const tried = secrets.filter(({ value }) => value !== "" || !signature.startsWith("webhook-"));
      expect(() => source.verify(request(push, event, secret), tried, clock)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^WEBHOOK_SIGNATURE_/) as string }),
      );
    }
  });

  test("is refused without its signature", () => {
    const { headers, rawBody } = request(push, event, secret);
    const bare = { headers: { ...headers, [signature]: undefined }, rawBody };
    expect(() => source.verify(bare, secretsOf(secret), clock)).toThrow(refused("WEBHOOK_SIGNATURE_MISSING"));
    const twice = { headers: { ...headers, [signature]: ["a", "b"] }, rawBody };
    expect(() => source.verify(twice, secretsOf(secret), clock)).toThrow(refused("WEBHOOK_SIGNATURE_MISSING"));
  });

  test("never shows the secret or the signature", () => {
    try {
      source.verify(request(push, event, other), secretsOf(secret), clock);
      expect.unreachable();
    } catch (error) {
      const text = `${String(error)} ${JSON.stringify(error)}`;
      expect(text).not.toContain(secret);
      expect(text).not.toContain(String(request(push, event, other).headers[signature]));
    }
  });

  test("tells of a push", () => {
    const { events, ignored } = source.parse(request(push, event, secret));
    expect(ignored).toBeNull();
    expect(events).toEqual([expect.objectContaining({ kind: "push", source: id, branch: "main" })]);
  });

  test("has the sender's name for the delivery, and a hash of the body where that is missing or odd", () => {
    const sent = request(push, event, secret);
    expect(source.deliveryId(sent)).toBe("d-1");
    const unnamed = { headers: {}, rawBody: sent.rawBody };
    expect(source.deliveryId(unnamed)).toMatch(/^sha256:[0-9a-f]{64}$/);
    const names = Object.fromEntries(
      Object.entries(sent.headers).map(([name, value]) => [name, value === "d-1" ? "a b\n" : value]),
    );
    expect(source.deliveryId({ ...sent, headers: names })).toBe(source.deliveryId(unnamed));
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["no JSON", Buffer.from("ref=main")],
    ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["a list", []],
    ["null", null],
    ["an empty object", {}],
  ])("with %s in its body is refused without quoting it", (_, body) => {
    expect(() => source.parse(request(body, event, secret))).toThrow(refused("WEBHOOK_PAYLOAD_INVALID"));
  });

  test("survives any JSON, and whatever a field is replaced with", () => {
    const paths = leafPaths(push);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        for (const body of [value, replaced(push, path, value)]) {
          const result = attempt(() => source.parse(request(body, event, secret)));
          if (result instanceof Error) {
            expect(result).toBeInstanceOf(WaybillError);
            expect(result).toMatchObject({ code: "WEBHOOK_PAYLOAD_INVALID" });
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function leafPaths(value: unknown, prefix: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [[...prefix]];
  return [[...prefix], ...Object.entries(value).flatMap(([key, child]) => leafPaths(child, [...prefix, key]))].filter(
    (path) => path.length > 0,
  );
}

function replaced(value: unknown, [key = "", ...rest]: readonly string[], by: unknown): unknown {
  const child = (value as Record<string, unknown>)[key];
  return { ...(value as object), [key]: rest.length === 0 ? by : replaced(child, rest, by) };
}

describe("signatures over bytes", () => {
  const bodies: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 1, maxLength: 200 });

  test.each(cases.filter(({ signature }) => signature !== "x-gitlab-token"))(
    "$source notices any change of the body, whatever bytes it is made of",
    ({ source, secret, event, request }) => {
      fc.assert(
        fc.property(bodies, fc.nat(), fc.integer({ min: 1, max: 255 }), (body, position, change) => {
          const sent = request(body, event, secret);
          expect(webhookSource(source).verify(sent, secretsOf(secret), clock)).toBe("secret-0");
          const altered = Uint8Array.from(body);
          const at = position % altered.length;
          altered[at] = (altered[at] ?? 0) ^ change;
          expect(() => webhookSource(source).verify({ ...sent, rawBody: altered }, secretsOf(secret), clock)).toThrow(
            refused("WEBHOOK_SIGNATURE_INVALID"),
          );
        }),
        { numRuns: 100 },
      );
    },
  );

  test("agree with GitHub's published example", () => {
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const request = requestOf(Buffer.from("Hello, World!"), { "x-hub-signature-256": signature });
    const secrets = secretsOf("It's a Secret to Everybody");
    expect(webhookSource("github").verify(request, secrets, clock)).toBe("secret-0");
  });

  test("agree with the published example of Standard Webhooks", () => {
    const request = requestOf(Buffer.from('{"test": 2432232314}'), {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
    const secrets = secretsOf("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    expect(webhookSource("generic").verify(request, secrets, { now: () => 1_614_265_330_000 })).toBe("secret-0");
  });
});

describe("Standard Webhooks", () => {
  const source = webhookSource("generic");
  const secrets = secretsOf(SIGNING_SECRET);

  test.each([
    [0, true],
    [300_000, true],
    [-300_000, true],
    [301_000, false],
    [-301_000, false],
  ])("sent %i ms away from now: accepted is %s", (offset, isAccepted) => {
    const request = signedRequest(generic.push(), SIGNING_SECRET, NOW + offset);
    if (isAccepted) expect(source.verify(request, secrets, clock)).toBe("secret-0");
    else expect(() => source.verify(request, secrets, clock)).toThrow(refused("WEBHOOK_TIMESTAMP_OUTSIDE"));
  });

  test("signs the time and the name too", () => {
    const { headers, rawBody } = signedRequest(generic.push());
    for (const change of [{ "webhook-timestamp": String(NOW / 1000 + 1) }, { "webhook-id": "d-2" }]) {
      const request = { headers: { ...headers, ...change }, rawBody };
      expect(() => source.verify(request, secrets, clock)).toThrow(refused("WEBHOOK_SIGNATURE_INVALID"));
    }
    for (const name of ["webhook-timestamp", "webhook-id"]) {
      const request = { headers: { ...headers, [name]: undefined }, rawBody };
      expect(() => source.verify(request, secrets, clock)).toThrow(refused("WEBHOOK_HEADER_MISSING"));
    }
  });

  test("takes any of several signatures, and no other version of them", () => {
    const { headers, rawBody } = signedRequest(generic.push());
    const good = String(headers["webhook-signature"]);
    const several = { headers: { ...headers, "webhook-signature": `v1a,abc v1,AAAA ${good}` }, rawBody };
    expect(source.verify(several, secrets, clock)).toBe("secret-0");
    const other = { headers: { ...headers, "webhook-signature": good.replace("v1,", "v1a,") }, rawBody };
    expect(() => source.verify(other, secrets, clock)).toThrow(refused("WEBHOOK_SIGNATURE_INVALID"));
  });

  test.each(["whsec_", "whsec_short", "whsec_!!!!", `whsec_${"A".repeat(100)}`])(
    "says that %s is no secret",
    (secret) => {
      expect(() => source.verify(signedRequest(generic.push()), secretsOf(secret), clock)).toThrow(
        refused("WEBHOOK_SECRET_INVALID"),
      );
    },
  );
});

test("a signing secret of GitLab's is not taken as a token", () => {
  const request = gitlabRequest(gitlab.push(), SIGNING_SECRET);
  expect(() => webhookSource("gitlab").verify(request, secretsOf(SIGNING_SECRET), clock)).toThrow(
    refused("WEBHOOK_SIGNATURE_INVALID"),
  );
});

test("GitHub may send a form", () => {
  const form = new URLSearchParams({ payload: JSON.stringify(github.push()) }).toString();
  const request = githubRequest(Buffer.from(form), "push");
  const headers = { ...request.headers, "content-type": "application/x-www-form-urlencoded" };
  const source = webhookSource("github");
  expect(source.verify({ ...request, headers }, secretsOf(PLAIN_SECRET), clock)).toBe("secret-0");
  expect(source.parse({ ...request, headers }).events).toHaveLength(1);
});

test("Forgejo is Gitea, and nobody else is anybody", () => {
  expect(webhookSource("forgejo").id).toBe("gitea");
  for (const id of ["bitbucket", "__proto__", "constructor", ""]) {
    expect(() => webhookSource(id)).toThrow(refused("WEBHOOK_SOURCE_UNKNOWN"));
  }
  expect(webhookSources.map(({ id }) => id)).toEqual(["github", "gitlab", "gitea", "generic"]);
});
