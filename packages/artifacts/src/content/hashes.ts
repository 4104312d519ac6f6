import { createHash, hash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Bytes read at once where a caller does not say otherwise. */
export const DEFAULT_CHUNK_SIZE = 65_536;

const CONTENT_HASH = /^[0-9a-f]{64}$/;

/** What content is known by: its SHA-256, 64 lowercase hexadecimal digits. */
export function generateArtifactId(content: Uint8Array): string {
  return hash("sha256", content);
}

export function isContentHash(text: string): boolean {
  return CONTENT_HASH.test(text);
}

/**
 * Reads a file once, piece by piece.
 *
 * @returns each piece with the hash of everything up to its end; the last one is the file's. One empty piece for an
 *   empty file, so that it has a hash too.
 */
export async function* streamingHashCalculator(
  path: string,
  chunkSize: number = DEFAULT_CHUNK_SIZE,
): AsyncGenerator<readonly [chunk: Buffer, digest: string]> {
  const file = await open(path);
  const sum = createHash("sha256");
  try {
    for (let isFirst = true; ; isFirst = false) {
      const chunk = Buffer.allocUnsafe(chunkSize);
      const { bytesRead } = await file.read(chunk);
      if (bytesRead === 0 && !isFirst) return;
      const read = chunk.subarray(0, bytesRead);
      sum.update(read);
      yield [read, sum.copy().digest("hex")];
      if (bytesRead === 0) return;
    }
  } finally {
    await file.close();
  }
}

/** `base/ab/cd/<hash>`: 65,536 directories, so that none of them grows large. The caller has checked the hash. */
export function createHashDirectoryPath(contentHash: string, base: string): string {
  return join(base, contentHash.slice(0, 2), contentHash.slice(2, 4), contentHash);
}
