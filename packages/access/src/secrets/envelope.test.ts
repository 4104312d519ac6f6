import { randomBytes } from "node:crypto";
import { WaybillError } from "@waybill/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SecretKey } from "../records.ts";
import { decryptSecret, encryptSecret } from "./envelope.ts";
import { KeyRing, newKeyText, parseKeyRing, secretsKey } from "./key-ring.ts";

const KEY: SecretKey = { projectId: "p", name: "TOKEN", environment: "prod", branch: "main" };
const VALUE = "correct horse battery staple";

function ring(): KeyRing {
  return new KeyRing(secretsKey(randomBytes(32)));
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(WaybillError);
    expect(`${String(error)} ${(error as WaybillError).remedy}`).not.toContain(VALUE);
    expect((error as Error).cause).toBeUndefined();
    return (error as WaybillError).code;
  }
  return "none";
}

describe("an encrypted secret", () => {
  test("comes back whatever text it is, and never looks the same twice", () => {
    const keys = ring();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const { ciphertext, keyId } = encryptSecret(keys, KEY, value);
        expect(keyId).toBe(keys.primary.id);
        expect(decryptSecret(keys, KEY, ciphertext)).toBe(value);
        expect(encryptSecret(keys, KEY, value).ciphertext).not.toBe(ciphertext);
      }),
    );
  });

  test.each([
    { ...KEY, projectId: "q" },
    { ...KEY, name: "OTHER" },
    { ...KEY, environment: "" },
    { ...KEY, branch: "*" },
    { ...KEY, environment: "main", branch: "prod" },
  ])("is nothing in another one's place: %o", (other) => {
    const keys = ring();
    const { ciphertext } = encryptSecret(keys, KEY, VALUE);
    expect(codeOf(() => decryptSecret(keys, other, ciphertext))).toBe("SECRET_UNREADABLE");
  });

  test("notices each bit that was changed", () => {
    const keys = ring();
    const { ciphertext } = encryptSecret(keys, KEY, VALUE);
    const parts = ciphertext.split(".");
    for (const index of [2, 3]) {
      const bytes = Buffer.from(parts[index] ?? "", "base64url");
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const text = parts.with(index, changed.toString("base64url")).join(".");
        expect(codeOf(() => decryptSecret(keys, KEY, text))).toBe("SECRET_UNREADABLE");
      }
    }
  });

  test.each([
    "",
    ".",
    "v1",
    "v1...",
    "v2.a.b.c",
    `v1.${VALUE}.b.c`,
    "v1.0123456789abcdef.b.c",
    "v1.a.b.c.d",
    "v1.....x",
  ])("is refused where it is none: %s", (text) => {
    expect(codeOf(() => decryptSecret(ring(), KEY, text))).toBe("SECRET_UNREADABLE");
  });

  test("cut short is refused", () => {
    const keys = ring();
    const { ciphertext } = encryptSecret(keys, KEY, VALUE);
    for (let length = 0; length < ciphertext.length; length += 1) {
      expect(codeOf(() => decryptSecret(keys, KEY, ciphertext.slice(0, length)))).toBe("SECRET_UNREADABLE");
    }
  });

  test("names the key that is missing", () => {
    const old = ring();
    const { ciphertext, keyId } = encryptSecret(old, KEY, VALUE);
    expect(() => decryptSecret(ring(), KEY, ciphertext)).toThrow(keyId);
    const both = new KeyRing(secretsKey(randomBytes(32)), [old.primary]);
    expect(decryptSecret(both, KEY, ciphertext)).toBe(VALUE);
  });
});

describe("a ring of keys", () => {
  test("is read as people write it", () => {
    const [first, second] = [newKeyText(), newKeyText()];
    const keys = parseKeyRing(`# newest\n${first}  # since May\r\n\n${second.replace(/=+$/, "")},\n`, "the test");
    expect(keys.primary.bytes.toString("base64")).toBe(first);
    expect(keys.find(secretsKey(Buffer.from(second, "base64")).id)).toBeDefined();
  });

  test.each([
    "",
    "# none\n",
    "hunter2",
    randomBytes(31).toString("base64"),
    randomBytes(33).toString("base64"),
    `${newKeyText().slice(0, -2)}!=`,
    Buffer.alloc(32).toString("base64"),
    `${newKeyText()}\nhunter2`,
    `${newKeyText()}\n`.repeat(21),
  ])("is refused without being shown: %s", (text) => {
    expect(() => parseKeyRing(text, "the test")).toThrow(expect.objectContaining({ code: "SECRETS_KEY_INVALID" }));
    try {
      parseKeyRing(text, "the test");
    } catch (error) {
      for (const word of text.split(/\s+/).filter((part) => part.length > 5)) expect(String(error)).not.toContain(word);
    }
  });
});
