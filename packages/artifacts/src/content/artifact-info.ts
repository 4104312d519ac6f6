import * as z from "zod/mini";
import { isContentHash } from "./hashes.ts";

/** What is known about one content, beside it in a file of its own. The fields are the file's, to the letter. */
export interface ArtifactInfo {
  /** SHA-256 of the raw bytes, whatever they are stored as. */
  readonly content_hash: string;
  readonly original_name: string;
  /** Of the raw bytes. */
  readonly size_bytes: number;
  readonly mime_type: string;
  /** ISO 8601, UTC: when it was first uploaded. */
  readonly created_at: string;
  /** ISO 8601, UTC: when a job or person last took it. Verification is no access. */
  readonly last_accessed: string;
  /** As known when the file was written. Owners are counted anew where it matters: see `ArtifactRecords`. */
  readonly reference_count: number;
  readonly compression: Compression;
  readonly metadata: Readonly<Record<string, string>>;
}

export type Compression = "zstd" | "none";

/** Metadata larger than this was not written by us. */
export const MAX_INFO_BYTES = 65_536;

const infoSchema = z.object({
  content_hash: z.string().check(z.refine(isContentHash)),
  original_name: z.string().check(z.maxLength(4096)),
  size_bytes: z.int().check(z.nonnegative()),
  mime_type: z.string().check(z.maxLength(256)),
  created_at: z.iso.datetime(),
  last_accessed: z.iso.datetime(),
  reference_count: z.int().check(z.nonnegative()),
  compression: z.enum(["zstd", "none"]),
  metadata: z.record(z.string(), z.string()),
});

/** @returns null where the text is not the metadata of this content: somebody changed it, or a crash cut it off */
export function parseArtifactInfo(text: string, contentHash: string): ArtifactInfo | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const result = z.safeParse(infoSchema, value);
  return result.success && result.data.content_hash === contentHash ? result.data : null;
}

export function formatArtifactInfo(info: ArtifactInfo): string {
  return `${JSON.stringify(info, null, 2)}\n`;
}
