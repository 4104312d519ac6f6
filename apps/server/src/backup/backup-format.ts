import * as z from "zod/mini";

/** Names in the archive of a backup, which is a tar file, compressed with zstd. */
export const BEGINNING = "waybill-backup.json";
export const DATABASE = "database";
export const KEYS = "secrets.key";
export const ENDING = "end.json";

/** The first entry. */
export const beginning = z.strictObject({
  format: z.literal(1),
  created_at: z.string(),
  database: z.enum(["sqlite", "postgres"]),
});

/** The last entry: an archive without it was cut off. */
export const ending = z.strictObject({ files: z.int(), bytes: z.int() });

/** Of what lies below the data directory, and is part of a backup. */
export const TREES = ["logs", "artifacts"] as const;
export type Tree = (typeof TREES)[number];

/** A file of a tree; null: it is none, or its name leads elsewhere. */
export function treeFile(name: string): { readonly tree: Tree; readonly path: readonly string[] } | null {
  const [first = "", ...path] = name.split("/");
  const tree = TREES.find((one) => one === first);
  const isPlain = path.length > 0 && path.every((part) => /^(?!\.{1,2}$)[\w.-]{1,255}$/.test(part));
  return tree !== undefined && isPlain ? { tree, path } : null;
}
