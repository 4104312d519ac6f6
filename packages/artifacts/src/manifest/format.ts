import { isContentHash } from "../content/hashes.ts";
import { unsafeLink, unsafePath } from "../paths.ts";
import { MAX_ENTRIES, MAX_PACK_BYTES, type Manifest, type ManifestFile } from "./manifest.ts";

const VERSION = 1;

/** One text for one artifact: the same files make the same manifest, whoever saves them and when. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify({
    version: VERSION,
    directories: manifest.directories,
    links: manifest.links.map(({ path, target }) => ({ path, target })),
    packs: manifest.packs.map(({ hash, size }) => ({ hash, size })),
    files: manifest.files.map(({ path, executable, size, hash, packed }) => ({
      path,
      mode: executable ? "755" : "644",
      size,
      hash,
      ...(packed === null ? {} : { pack: packed.pack, offset: packed.offset }),
    })),
  })}\n`;
}

/** Thrown where a text is no manifest that could be restored; the message says why. */
export class ManifestError extends Error {}

/**
 * Checks all of it: whoever restores a manifest may rely on its paths staying inside the workspace.
 *
 * @throws ManifestError
 */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ManifestError("it is no JSON", { cause: error });
  }
  const fields = object(value, "the manifest");
  if (fields["version"] !== VERSION) throw new ManifestError(`its version is not ${VERSION}`);
  const directories = list(fields["directories"], "directories").map((path) => safePath(path));
  const links = list(fields["links"], "links").map((each) => {
    const link = object(each, "a link");
    const path = safePath(link["path"]);
    const target = asText(link["target"], "the target of a link");
    const detail = unsafeLink(path, target);
    if (detail !== null || target.includes("\0") || target === "")
      throw new ManifestError(`"${path}": ${detail ?? "its target is no path"}`);
    return { path, target };
  });
  const packs = list(fields["packs"], "packs").map((each) => {
    const pack = object(each, "a pack");
    const size = count(pack["size"], "the size of a pack");
    if (size > MAX_PACK_BYTES) throw new ManifestError(`a pack has more than ${MAX_PACK_BYTES} bytes`);
    return { hash: contentHash(pack["hash"]), size };
  });
  const files = list(fields["files"], "files").map((each) => parseFile(object(each, "a file"), packs));
  checkTree(directories, [...files, ...links]);
  return { directories, files, links, packs };
}

function parseFile(file: Readonly<Record<string, unknown>>, packs: Manifest["packs"]): ManifestFile {
  const path = safePath(file["path"]);
  const mode = file["mode"];
  if (mode !== "644" && mode !== "755") throw new ManifestError(`"${path}" has the mode ${JSON.stringify(mode)}`);
  const size = count(file["size"], `the size of "${path}"`);
  const common = { path, executable: mode === "755", size, hash: contentHash(file["hash"]) };
  if (file["pack"] === undefined && file["offset"] === undefined) return { ...common, packed: null };
  const pack = count(file["pack"], `the pack of "${path}"`);
  const offset = count(file["offset"], `the offset of "${path}"`);
  const holder = packs[pack];
  if (holder === undefined || offset + size > holder.size) throw new ManifestError(`"${path}" lies outside its pack`);
  return { ...common, packed: { pack, offset } };
}

/** Every parent is a directory of the manifest that comes before, and no name is there twice. */
function checkTree(directories: readonly string[], others: readonly { readonly path: string }[]): void {
  const known = new Set<string>();
  const add = (path: string): void => {
    const slash = path.lastIndexOf("/");
    if (slash !== -1 && !known.has(path.slice(0, slash))) throw new ManifestError(`"${path}" is in no directory of it`);
  };
  for (const path of directories) {
    add(path);
    if (known.has(path)) throw new ManifestError(`"${path}" is there twice`);
    known.add(path);
  }
  const names = new Set(known);
  for (const { path } of others) {
    add(path);
    if (names.has(path)) throw new ManifestError(`"${path}" is there twice`);
    names.add(path);
  }
}

function safePath(value: unknown): string {
  const path = asText(value, "a path");
  const detail = unsafePath(path);
  if (detail !== null)
    throw new ManifestError(`the path ${JSON.stringify(path.slice(0, 200))} cannot be restored: ${detail}`);
  return path;
}

function contentHash(value: unknown): string {
  if (typeof value !== "string" || !isContentHash(value)) throw new ManifestError("a hash is none");
  return value;
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ManifestError(`${what} is no map`);
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ManifestError(`${what} is no list`);
  if (value.length > MAX_ENTRIES) throw new ManifestError(`${what} has more than ${MAX_ENTRIES} entries`);
  return value;
}

function asText(value: unknown, what: string): string {
  if (typeof value !== "string") throw new ManifestError(`${what} is no text`);
  return value;
}

function count(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new ManifestError(`${what} is no whole number`);
  return value;
}
