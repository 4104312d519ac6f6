import { createHash } from "node:crypto";

/**
 * The id of what is made for something: the same for the same parts. A run that is asked for twice, because a server
 * died between making it and writing down that it did, is then one run.
 *
 * @returns a UUID of version 8 (RFC 9562), whose content is a hash
 */
export function derivedId(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  // Lengths in front, so that no two lists of parts read the same.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  const bytes = hash.digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
