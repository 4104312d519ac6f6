import { WaybillError } from "@waybill/core";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import * as z from "zod/mini";
import { readArchive, readEntry, type Budget } from "./archive.ts";

/** One file of JSON in an archive. */
const MAX_JSON = 4 * 1024 * 1024;
const MAX_LAYERS = 512;

const digestSchema = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/));
const dockerManifest = z.array(
  z.object({
    Config: z.string(),
    RepoTags: z.optional(z.nullable(z.array(z.string()))),
    Layers: z.array(z.string()).check(z.maxLength(MAX_LAYERS)),
  }),
);
const descriptor = z.object({
  digest: digestSchema,
  platform: z.optional(z.object({ architecture: z.string(), os: z.string() })),
});
const ociIndex = z.object({ manifests: z.array(descriptor) });
const ociManifest = z.object({ config: descriptor, layers: z.array(descriptor).check(z.maxLength(MAX_LAYERS)) });
const imageConfig = z.object({
  architecture: z.string(),
  os: z.string(),
  rootfs: z.object({ diff_ids: z.array(digestSchema) }),
});

/** An image as an archive of `docker save` or an OCI layout has it. */
export interface SavedImage {
  /** `sha256:` and the digest of its configuration: the image's id. */
  readonly digest: string;
  /** From the lowest on: entries of the archive, and the digests they have without compression. */
  readonly layers: readonly { readonly entry: string; readonly digest: string }[];
}

export interface ManifestSource {
  readonly path: string;
  readonly file: string;
  /** The image that is wanted, where the archive has several. */
  readonly image: string;
  readonly budget: Budget;
  readonly progress?: ((bytes: number) => void) | undefined;
}

/**
 * @param staging where the layers are put, named by their place in the order; absolute
 * @returns null: the archive is no image but a root file system itself
 * @throws WaybillError `IMAGE_ARCHIVE_INVALID`, `IMAGE_DIGEST_MISMATCH` and what `readArchive` throws
 */
export async function readManifest(source: ManifestSource, staging: string): Promise<SavedImage | null> {
  const { file } = source;
  const documents = new Map<string, Buffer>();
  const links = new Map<string, string>();
  const blobs = new Map<string, string>();
  let isRootFilesystem = true;
  await readArchive({
    ...source,
    entry: async (entry) => {
      const name = posix.normalize(entry.header.name).replace(/^\.?\//, "");
      if (["manifest.json", "oci-layout", "index.json"].includes(name)) isRootFilesystem = false;
      if (entry.header.type === "symlink" && name.endsWith("layer.tar")) {
        links.set(name, posix.join(posix.dirname(name), entry.header.linkname ?? ""));
      }
      const isKept =
        /^(manifest|index)\.json$|^[0-9a-f]{64}\.json$|^blobs\/sha256\/[0-9a-f]{64}$|^[0-9a-f]{64}\/layer\.tar$/;
      if (entry.header.type !== "file" || !isKept.test(name)) return;
      if (name.endsWith(".json")) {
        documents.set(name, await readEntry(entry, MAX_JSON, file));
        return;
      }
      const path = join(staging, String(blobs.size));
      await pipeline(entry, createWriteStream(path, { mode: 0o600, flags: "wx" }));
      blobs.set(name, path);
    },
  });
  if (isRootFilesystem) return null;
  const read = async (name: string): Promise<Buffer | null> => {
    const path = blobs.get(name);
    return documents.get(name) ?? (path === undefined ? null : await readSmall(path, name, file));
  };
  const { config, layers } = documents.has("manifest.json")
    ? fromDocker(parsed(dockerManifest, documents.get("manifest.json") ?? null, "manifest.json", file), source)
    : await fromOci(read, file);
  const content = await read(config);
  const { architecture, os, rootfs } = parsed(imageConfig, content, config, file);
  const digest = sha256(content ?? Buffer.alloc(0));
  if (config.includes("sha256/") || /^[0-9a-f]{64}\.json$/.test(config)) {
    const expected = `sha256:${/([0-9a-f]{64})/.exec(config)?.[1] ?? ""}`;
    if (digest !== expected) {
      throw new WaybillError("IMAGE_DIGEST_MISMATCH", { what: "configuration", file, expected, actual: digest });
    }
  }
  const own = process.arch === "x64" ? "amd64" : process.arch;
  if (os !== "linux" || architecture !== own)
    throw invalid(file, `it is for ${os}/${architecture}, this machine is linux/${own}.`);
  if (rootfs.diff_ids.length !== layers.length)
    throw invalid(file, "its configuration tells of other layers than it has.");
  return {
    digest,
    layers: layers.map((name, index) => {
      const entry = blobs.get(links.get(name) ?? name);
      if (entry === undefined) throw invalid(file, `its layer ${name} is missing.`);
      return { entry, digest: rootfs.diff_ids[index] ?? "" };
    }),
  };
}

interface Parts {
  readonly config: string;
  readonly layers: readonly string[];
}

function fromDocker(manifests: z.infer<typeof dockerManifest>, { file, image }: ManifestSource): Parts {
  const tagged = manifests.find(({ RepoTags }) => RepoTags?.includes(image) === true);
  const chosen = tagged ?? (manifests.length === 1 ? manifests[0] : undefined);
  if (chosen === undefined)
    throw invalid(file, `it has ${manifests.length} images, and none of them is called ${image}.`);
  return { config: chosen.Config, layers: chosen.Layers };
}

async function fromOci(read: (name: string) => Promise<Buffer | null>, file: string): Promise<Parts> {
  let entry = "index.json";
  // An index may lead to another, which has one manifest a platform.
  for (let depth = 0; depth < 3; depth += 1) {
    const content = await read(entry);
    const manifest = z.safeParse(ociManifest, json(content));
    if (manifest.success) {
      const { config, layers } = manifest.data;
      return { config: blobOf(config.digest), layers: layers.map(({ digest }) => blobOf(digest)) };
    }
    const { manifests } = parsed(ociIndex, content, entry, file);
    const own = process.arch === "x64" ? "amd64" : process.arch;
    const fitting = manifests.find(({ platform }) => platform?.architecture === own && platform.os === "linux");
    const next = fitting ?? (manifests.length === 1 ? manifests[0] : undefined);
    if (next === undefined) throw invalid(file, `it has ${manifests.length} images, and none is for linux/${own}.`);
    entry = blobOf(next.digest);
    const found = await read(entry);
    if (found !== null && sha256(found) !== next.digest) {
      throw new WaybillError("IMAGE_DIGEST_MISMATCH", {
        what: "manifest",
        file,
        expected: next.digest,
        actual: sha256(found),
      });
    }
  }
  throw invalid(file, "its index leads nowhere.");
}

function blobOf(digest: string): string {
  return `blobs/sha256/${digest.slice("sha256:".length)}`;
}

function sha256(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function json(content: Buffer | null): unknown {
  try {
    return content === null ? null : JSON.parse(content.toString("utf8"));
  } catch {
    return null;
  }
}

function parsed<Schema extends z.ZodMiniType>(
  schema: Schema,
  content: Buffer | null,
  name: string,
  file: string,
): z.infer<Schema> {
  if (content === null) throw invalid(file, `it has no ${name}.`);
  const result = z.safeParse(schema, json(content));
  if (!result.success) throw invalid(file, `its ${name} is not what it should be.`);
  return result.data;
}

async function readSmall(path: string, name: string, file: string): Promise<Buffer> {
  if ((await stat(path)).size > MAX_JSON) throw invalid(file, `its ${name} is too large.`);
  return await readFile(path);
}

function invalid(file: string, detail: string): WaybillError {
  return new WaybillError("IMAGE_ARCHIVE_INVALID", { file, detail });
}
