import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { WaybillError } from "@waybill/core";
import type { SecretKey } from "../records.ts";
import type { KeyRing } from "./key-ring.ts";
import { scopeText } from "./scope.ts";

/**
 * A secret at rest is `v1.<key id>.<sealed data key>.<sealed value>`, both in base64url. The value is encrypted with a
 * data key of its own and that one with a key of the ring, so that however many secrets there are, no key encrypts
 * enough for two random nonces to meet.
 *
 * Sealed: 12 bytes nonce, the ciphertext, 16 bytes tag (AES-256-GCM). What it is the secret of is authenticated with
 * it: a row's content in another row's place decrypts to nothing.
 */
const VERSION = "v1";
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DATA_KEY_BYTES = 32;

export interface EncryptedSecret {
  readonly ciphertext: string;
  readonly keyId: string;
}

export function encryptSecret(ring: KeyRing, key: SecretKey, value: string): EncryptedSecret {
  const { id: keyId, bytes } = ring.primary;
  const dataKey = randomBytes(DATA_KEY_BYTES);
  const sealedKey = seal(bytes, dataKey, associatedData("key", keyId, key));
  const sealedValue = seal(dataKey, Buffer.from(value, "utf8"), associatedData("value", keyId, key));
  dataKey.fill(0);
  return { ciphertext: [VERSION, keyId, sealedKey, sealedValue].join("."), keyId };
}

/** @throws WaybillError `SECRET_UNREADABLE`, with nothing of the content */
export function decryptSecret(ring: KeyRing, key: SecretKey, ciphertext: string): string {
  const [version, keyId = "", sealedKey = "", sealedValue = "", ...rest] = ciphertext.split(".");
  if (version !== VERSION || sealedValue === "" || rest.length > 0) throw unreadable(key, "it is damaged");
  const ringKey = ring.find(keyId);
  if (ringKey === undefined) {
    // An id of ours is hexadecimal; whatever else stands there is not for an error's text.
    const detail = /^[0-9a-f]{16}$/.test(keyId) ? `the server has no key ${keyId}` : "it is damaged";
    throw unreadable(key, detail);
  }
  try {
    const dataKey = unseal(ringKey.bytes, sealedKey, associatedData("key", keyId, key));
    return unseal(dataKey, sealedValue, associatedData("value", keyId, key)).toString("utf8");
  } catch {
    throw unreadable(key, "it is damaged, or is another secret's content");
  }
}

function seal(key: Buffer, content: Buffer, associated: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated);
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

function unseal(key: Buffer, sealed: string, associated: Buffer): Buffer {
  const bytes = Buffer.from(sealed, "base64url");
  const tagAt = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(associated)
    .setAuthTag(bytes.subarray(tagAt));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, tagAt)), decipher.final()]);
}

/** JSON keeps the parts apart, whatever is in them. */
function associatedData(part: "key" | "value", keyId: string, key: SecretKey): Buffer {
  return Buffer.from(
    JSON.stringify(["waybill secret", VERSION, part, keyId, key.projectId, key.environment, key.branch, key.name]),
  );
}

function unreadable(key: SecretKey, detail: string): WaybillError {
  return new WaybillError("SECRET_UNREADABLE", { secret: key.name, scope: scopeText(key), detail });
}
