import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const BYTES = 32;

/** 256 random bits as 43 characters of base64url: nobody guesses it, so one round of SHA-256 hides it at rest. */
export function randomText(): string {
  return randomBytes(BYTES).toString("base64url");
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
