/**
 * What one artifact of a job is made of. It is stored as content like any other, so its hash is the artifact's `ref`:
 * whoever has it can tell whether anything at all of the artifact was changed.
 */
export interface Manifest {
  /** Every directory before those inside it. */
  readonly directories: readonly string[];
  readonly files: readonly ManifestFile[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Contents that hold several small files, one behind the other. */
  readonly packs: readonly { readonly hash: string; readonly size: number }[];
}

export interface ManifestFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly executable: boolean;
  readonly size: number;
  readonly hash: string;
  /** Where the bytes are; null: in a content of their own. */
  readonly packed: { readonly pack: number; readonly offset: number } | null;
}

export const MANIFEST_MIME_TYPE = "application/vnd.waybill.manifest+json";

/** A million files with paths of 200 characters. */
export const MAX_MANIFEST_BYTES = 384 * 1024 * 1024;

/** Files and links, and as many directories, of one artifact. */
export const MAX_ENTRIES = 1_000_000;

/** Small files of an artifact are packed up to about this size; a pack is held in memory. */
export const MAX_PACK_BYTES = 8 * 1024 * 1024;

export function manifestBytes(manifest: Manifest): number {
  return manifest.files.reduce((sum, { size }) => sum + size, 0);
}

/** Hashes of all contents a manifest relies on. */
export function contentsOf(manifest: Manifest): Set<string> {
  const hashes = new Set<string>();
  for (const { hash } of manifest.packs) hashes.add(hash);
  for (const { hash, packed } of manifest.files) if (packed === null) hashes.add(hash);
  return hashes;
}
