import type { StoredImage } from "@waybill/executors";

/** An image as `--json` shows it. */
export function toJson({ name, digest, importedAt }: StoredImage): Readonly<Record<string, string>> {
  return { name, digest, imported_at: new Date(importedAt).toISOString() };
}
