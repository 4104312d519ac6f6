import { createHmac, randomBytes } from "node:crypto";
import { WaybillError } from "@waybill/core";

const KEY_BYTES = 32;

/** More than anybody rotates through at once; a file with more is a mistake. */
const MAX_KEYS = 20;

export interface SecretsKey {
  /** Tells keys apart and tells nothing about them: kept beside what is encrypted. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** The keys that secrets are encrypted with: the newest encrypts, all decrypt. */
export class KeyRing {
  readonly primary: SecretsKey;
  readonly #keys: ReadonlyMap<string, SecretsKey>;

  constructor(primary: SecretsKey, others: readonly SecretsKey[] = []) {
    this.primary = primary;
    this.#keys = new Map([primary, ...others].map((key) => [key.id, key]));
  }

  find(id: string): SecretsKey | undefined {
    return this.#keys.get(id);
  }
}

export function secretsKey(bytes: Buffer): SecretsKey {
  return { id: createHmac("sha256", bytes).update("waybill secrets key id").digest("hex").slice(0, 16), bytes };
}

export function newKeyText(): string {
  return randomBytes(KEY_BYTES).toString("base64");
}

/**
 * Reads keys as people write them: 32 bytes each in base64, the newest first, separated by line ends, spaces or commas.
 * From `#` on a line is a comment.
 *
 * @param source named in errors, which hold nothing of the text
 * @throws WaybillError `SECRETS_KEY_INVALID`
 */
export function parseKeyRing(text: string, source: string): KeyRing {
  const words = text
    .replaceAll(/#.*$/gm, "")
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  if (words.length > MAX_KEYS) throw invalid(source, `there are more than ${MAX_KEYS}`);
  const keys = words.map((word, index) => {
    const bytes = Buffer.from(word, "base64");
    // Node skips what is no base64 and takes what is left.
    if (bytes.length !== KEY_BYTES || withoutPadding(bytes.toString("base64")) !== withoutPadding(word)) {
      throw invalid(source, `key ${index + 1} of ${words.length} is not ${KEY_BYTES} bytes in base64`);
    }
    if (bytes.every((byte) => byte === bytes[0])) throw invalid(source, `key ${index + 1} is not random`);
    return secretsKey(bytes);
  });
  const [primary, ...others] = keys;
  if (primary === undefined) throw invalid(source, "there is none");
  return new KeyRing(primary, others);
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, "");
}

function invalid(source: string, detail: string): WaybillError {
  return new WaybillError("SECRETS_KEY_INVALID", { source, detail });
}
