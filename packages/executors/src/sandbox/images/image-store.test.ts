import { systemClock } from "@waybill/core";
import { DEFAULT_PLACE, NO_OUTPUT } from "@waybill/engine";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack, type Headers } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeWith } from "../../../../../test/support/requires.ts";
import { sandboxExecutor } from "../sandbox-executor.ts";
import { DEFAULT_IMAGE_LIMITS, openImageStore, type ImageStore, type ImportedImage } from "./image-store.ts";

const NAME = "team/tool:1.0";
const ARCHITECTURE = process.arch === "x64" ? "amd64" : process.arch;

type Piece = Headers & { readonly content?: string | Buffer; readonly pax?: Readonly<Record<string, string>> };

let root: string;
let store: ImageStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-images-"));
  store = openImageStore(join(root, "images"), systemClock);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function tar(pieces: readonly Piece[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of pieces) archive.entry(header, content ?? "");
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function digestOf(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

interface Changes {
  readonly config?: object;
  readonly compress?: (layer: Buffer) => Buffer;
  readonly manifest?: object;
  readonly damage?: boolean;
}

/** As `docker save` writes it since version 25: an OCI layout with a manifest of Docker's beside it. */
async function saved(layers: readonly (readonly Piece[])[], changes: Changes = {}): Promise<Buffer> {
  const plain = await Promise.all(layers.map(tar));
  const blobs = plain.map((layer) => changes.compress?.(layer) ?? layer);
  const diffIds = plain.map((layer) => `sha256:${digestOf(layer)}`);
  const config = { architecture: ARCHITECTURE, os: "linux", rootfs: { type: "layers", diff_ids: diffIds } };
  const json = JSON.stringify({ ...config, ...changes.config });
  const manifest = {
    Config: `blobs/sha256/${digestOf(json)}`,
    RepoTags: [NAME],
    Layers: blobs.map((blob) => `blobs/sha256/${digestOf(blob)}`),
  };
  // The layers last to first: their order in the archive means nothing.
  return await tar([
    ...blobs.map((blob) => ({ name: `blobs/sha256/${digestOf(blob)}`, content: blob })).toReversed(),
    { name: `blobs/sha256/${digestOf(json)}`, content: changes.damage === true ? `${json} ` : json },
    { name: "manifest.json", content: JSON.stringify([{ ...manifest, ...changes.manifest }]) },
  ]);
}

async function load(
  content: Buffer,
  changes: Partial<Parameters<ImageStore["import"]>[0]> = {},
): Promise<ImportedImage> {
  const path = join(root, "archive.tar");
  writeFileSync(path, content);
  const request = { name: NAME, path, file: "archive.tar", digest: null, limits: DEFAULT_IMAGE_LIMITS };
  return await store.import({ ...request, ...changes });
}

async function tree(): Promise<string[]> {
  const directory = await store.rootOf(NAME);
  if (directory === null) return [];
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted();
}

/** Nothing but finished images is in the store, and nothing at all beside it. */
function leftOvers(): string[] {
  const images = existsSync(join(root, "images")) ? readdirSync(join(root, "images")) : [];
  const others = readdirSync(root).filter((name) => !["images", "archive.tar"].includes(name));
  return [...images.filter((name) => name.startsWith(".")), ...others];
}

describe("importing an image", () => {
  it("puts layers over each other, whiteouts applied", async () => {
    const image = await load(
      await saved([
        [
          { name: "etc/", type: "directory" },
          { name: "etc/kept", content: "1" },
          { name: "etc/gone", content: "1" },
          { name: "opt/old/deep", content: "1" },
          { name: "var/cache/a", content: "1" },
          { name: "changed", content: "1" },
        ],
        [
          { name: "etc/.wh.gone" },
          { name: ".wh.opt" },
          { name: "var/cache/b", content: "2" },
          { name: "var/cache/.wh..wh..opq" },
          { name: "changed", content: "2" },
          { name: "link", type: "symlink", linkname: "/etc/kept" },
          { name: "hard", type: "link", linkname: "changed" },
        ],
      ]),
    );
    expect(await tree()).toEqual(["changed", "etc", "etc/kept", "hard", "link", "var", "var/cache", "var/cache/b"]);
    const directory = (await store.rootOf(NAME)) ?? "";
    expect(readFileSync(join(directory, "hard"), "utf8")).toBe("2");
    expect(readlinkSync(join(directory, "link"))).toBe("/etc/kept");
    expect(image.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await store.list()).toEqual([{ name: NAME, digest: image.digest, importedAt: image.importedAt }]);
    expect(leftOvers()).toEqual([]);
  });

  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ])("reads layers and archives compressed with %s", async (_, compress) => {
    const inner = await saved([[{ name: "file", content: "x" }]], { compress });
    await load(compress(inner));
    expect(await tree()).toEqual(["file"]);
  });

  it("takes a plain root file system, and knows it by the digest of the archive", async () => {
    const content = await tar([
      { name: "./bin/sh", content: "x", mode: 0o4755 },
      { name: "dev/null", type: "character-device" },
    ]);
    const image = await load(content);
    expect(image).toMatchObject({ digest: `sha256:${digestOf(content)}`, skipped: 1 });
    expect(await tree()).toEqual(["bin", "bin/sh"]);
    expect(statSync(join((await store.rootOf(NAME)) ?? "", "bin/sh")).mode & 0o7777).toBe(0o755);
  });

  it("reads an OCI layout, choosing this machine's platform", async () => {
    const layer = await tar([{ name: "file", content: "x" }]);
    const rootfs = { diff_ids: [`sha256:${digestOf(layer)}`] };
    const config = JSON.stringify({ architecture: ARCHITECTURE, os: "linux", rootfs });
    const reference = (content: Buffer | string): object => ({ digest: `sha256:${digestOf(content)}` });
    const manifest = JSON.stringify({ config: reference(config), layers: [reference(layer)] });
    const other = { digest: `sha256:${"0".repeat(64)}`, platform: { os: "linux", architecture: "other" } };
    const own = { ...reference(manifest), platform: { os: "linux", architecture: ARCHITECTURE } };
    const index = JSON.stringify({ manifests: [other, own] });
    const blobs = [layer, config, manifest].map((content) => ({ name: `blobs/sha256/${digestOf(content)}`, content }));
    await load(await tar([{ name: "oci-layout", content: "{}" }, { name: "index.json", content: index }, ...blobs]));
    expect(await tree()).toEqual(["file"]);
  });

  it("replaces an image of the same name in one piece, and keeps it where the new one fails", async () => {
    await load(await tar([{ name: "old", content: "x" }]));
    await expect(load(await tar([{ name: "../x", content: "x" }]))).rejects.toMatchObject({
      code: "IMAGE_ARCHIVE_UNSAFE",
    });
    expect(await tree()).toEqual(["old"]);
    await load(await tar([{ name: "new", content: "x" }]));
    expect(await tree()).toEqual(["new"]);
    expect(leftOvers()).toEqual([]);
  });

  it("tells how far it is", async () => {
    const shares: number[] = [];
    await load(await saved([[{ name: "file", content: "x".repeat(100_000) }]]), {
      progress: (done) => shares.push(done),
    });
    expect(shares.length).toBeGreaterThan(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  it("removes an image and all that belongs to it", async () => {
    await load(await tar([{ name: "file", content: "x" }]));
    expect([store.has(NAME), store.has("other"), store.has("../x")]).toEqual([true, false, false]);
    await store.remove(NAME);
    expect(store.has(NAME)).toBe(false);
    expect(await store.list()).toEqual([]);
    expect(readdirSync(join(root, "images"))).toEqual([]);
    await expect(store.remove(NAME)).rejects.toMatchObject({ code: "IMAGE_UNKNOWN" });
  });

  it.each(["", "..", "../x", "a b", "/x", "x".repeat(300), ".hidden"])("refuses the name %j", async (name) => {
    const importing = load(await tar([]), { name });
    await expect(importing).rejects.toMatchObject({ code: "IMAGE_NAME_INVALID" });
  });
});

describe("a hostile archive", () => {
  async function refused(content: Buffer, code: string, changes: Parameters<typeof load>[1] = {}): Promise<void> {
    await expect(load(content, changes)).rejects.toMatchObject({ code });
    expect(await store.list()).toEqual([]);
    expect(leftOvers()).toEqual([]);
  }

  it.each<[string, Piece[]]>([
    ["a path that leads out", [{ name: "../outside", content: "x" }]],
    ["one that leads out in the middle", [{ name: "a/../../outside", content: "x" }]],
    ["an absolute path", [{ name: "/outside", content: "x" }]],
    [
      "a file written through a link",
      [
        { name: "l", type: "symlink", linkname: "../../.." },
        { name: "l/outside", content: "x" },
      ],
    ],
    [
      "one through an absolute link",
      [
        { name: "l", type: "symlink", linkname: "/tmp" },
        { name: "l/outside", content: "x" },
      ],
    ],
    [
      "a directory made through a link",
      [
        { name: "l", type: "symlink", linkname: ".." },
        { name: "l/d/", type: "directory" },
      ],
    ],
    ["a hard link to outside", [{ name: "h", type: "link", linkname: "../../../archive.tar" }]],
    [
      "a hard link through a link",
      [
        { name: "l", type: "symlink", linkname: ".." },
        { name: "h", type: "link", linkname: "l/image.json" },
      ],
    ],
    [
      "a hard link to a link",
      [
        { name: "l", type: "symlink", linkname: "/etc/passwd" },
        { name: "h", type: "link", linkname: "l" },
      ],
    ],
    ["a hard link to nothing", [{ name: "h", type: "link", linkname: "nothing" }]],
    ["a name that is too long", [{ name: "x".repeat(300), content: "x" }]],
  ])("is refused: %s", async (_, pieces) => {
    await refused(await tar(pieces), "IMAGE_ARCHIVE_UNSAFE");
    await refused(await saved([pieces]), "IMAGE_ARCHIVE_UNSAFE");
  });

  it("replaces a link by a file of the same name, and writes through neither", async () => {
    const target = join(root, "archive.tar.target");
    await load(await saved([[{ name: "l", type: "symlink", linkname: target }], [{ name: "l", content: "x" }]]));
    expect(existsSync(target)).toBe(false);
    expect(lstatSync(join((await store.rootOf(NAME)) ?? "", "l")).isFile()).toBe(true);
  });

  it.each(["../.wh.images", ".wh...", ".wh..", "l/.wh.images"])("takes nothing away outside: %s", async (name) => {
    await load(await saved([[{ name: "l", type: "symlink", linkname: "../../.." }], [{ name, content: "" }]])).catch(
      () => null,
    );
    expect(existsSync(join(root, "images"))).toBe(true);
    expect(existsSync(join(root, "archive.tar"))).toBe(true);
    expect(leftOvers()).toEqual([]);
  });

  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ])("is refused where it unpacks to more than it may: %s", async (_, compress) => {
    const bomb = compress(await tar([{ name: "zeros", content: Buffer.alloc(30_000_000) }]));
    const limits = { bytes: 20_000_000, entries: 100 };
    await refused(bomb, "IMAGE_ARCHIVE_TOO_LARGE", { limits });
    await refused(
      await saved([[{ name: "zeros", content: Buffer.alloc(30_000_000) }]], { compress }),
      "IMAGE_ARCHIVE_TOO_LARGE",
      { limits },
    );
  });

  it("is refused where it has more files than it may", async () => {
    const pieces = Array.from({ length: 200 }, (_, i) => ({ name: `file${i}`, content: "" }));
    await refused(await tar(pieces), "IMAGE_ARCHIVE_TOO_LARGE", { limits: { bytes: 1e9, entries: 100 } });
  });

  it("is refused where it promises more than it has", async () => {
    const content = await tar([{ name: "file", content: "x" }]);
    // The size field of the first header, and its checksum.
    content.write("77777777777\0", 124, "latin1");
    let sum = 8 * 32;
    for (let at = 0; at < 512; at += 1) if (at < 148 || at > 155) sum += content[at] ?? 0;
    content.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    await refused(content, "IMAGE_ARCHIVE_INVALID");
  });

  it("is refused where a header that describes another one is large", async () => {
    const pax = { path: "x".repeat(2_000_000) };
    await refused(await tar([{ name: "file", content: "x", pax }]), "IMAGE_ARCHIVE_INVALID");
  });

  it("is refused where its contents are not what their digests say", async () => {
    const layers = [[{ name: "file", content: "x" }]];
    await refused(await saved(layers, { damage: true }), "IMAGE_DIGEST_MISMATCH");
    const rootfs = { diff_ids: [`sha256:${"0".repeat(64)}`] };
    await refused(await saved(layers, { config: { rootfs } }), "IMAGE_DIGEST_MISMATCH");
    await refused(await saved(layers), "IMAGE_DIGEST_MISMATCH", { digest: `sha256:${"0".repeat(64)}` });
  });

  it.each<[string, Changes]>([
    ["is for another machine", { config: { architecture: "pdp11" } }],
    ["has a configuration of something else", { config: { rootfs: [] } }],
    ["names a layer it has not", { manifest: { Layers: ["blobs/sha256/none"] } }],
    ["has more layers than its configuration tells of", { config: { rootfs: { diff_ids: [] } } }],
  ])("is refused where it %s", async (_, changes) => {
    await refused(await saved([[{ name: "file", content: "x" }]], changes), "IMAGE_ARCHIVE_INVALID");
  });

  it.each<[string, Buffer]>([
    ["text", Buffer.from("this is no archive".repeat(100))],
    ["half a gzip file", gzipSync(Buffer.alloc(100_000)).subarray(0, 50)],
    ["JSON that is none", Buffer.from("")],
  ])("is refused where it is %s", async (name, content) => {
    const archive = name.startsWith("JSON") ? await tar([{ name: "manifest.json", content: "{" }]) : content;
    await refused(archive, "IMAGE_ARCHIVE_INVALID");
  });

  it("is told from a file that is not there", async () => {
    const importing = load(Buffer.alloc(0), { path: join(root, "none") });
    await expect(importing).rejects.toMatchObject({ code: "IMAGE_ARCHIVE_UNREADABLE" });
  });
});

describeWith("bubblewrap", "a job in an image", () => {
  /** A root file system of the shell and a few programs of this machine, with the libraries they need. */
  async function smallImage(extra: readonly Piece[] = []): Promise<Buffer> {
    const programs = ["sh", "cat", "ls", "id", "touch"].map((name) => realpathSync(`/bin/${name}`));
    const needed = execFileSync("ldd", programs, { encoding: "utf8" }).matchAll(/(?:=> )?(\/\S+) \(0x/g);
    const files = new Map<string, string>(
      programs
        .map((path, i) => [["sh", "cat", "ls", "id", "touch"][i] ?? "", path])
        .map(([name, path]) => [`bin/${name}`, path ?? ""]),
    );
    for (const [, path = ""] of needed) files.set(path.slice(1), realpathSync(path));
    const copied = [...files].map(([name, path]) => ({ name, content: readFileSync(path), mode: 0o755 }));
    return await tar([
      ...copied,
      { name: "etc/secret", content: "x", mode: 0o600 },
      { name: "etc/release", content: "small 1\n" },
      ...extra,
    ]);
  }

  async function run(script: string, user: "default" | "root" = "default"): Promise<string> {
    await using executor = sandboxExecutor({
      directory: join(root, "state"),
      imagesDirectory: join(root, "images"),
      hostEnvironment: process.env,
      clock: systemClock,
    });
    const workspace = join(root, "workspace");
    mkdirSync(workspace, { recursive: true });
    const place = { ...DEFAULT_PLACE, isolation: { ...DEFAULT_PLACE.isolation, user } };
    const execution = {
      executionId: "x",
      runId: "run",
      jobName: "job",
      attempt: 1,
      workspace,
      images: [NAME, NAME],
      place,
    };
    try {
      await executor.submit(execution);
      const step = { index: 0, attempt: 1, name: "step", image: NAME, environment: {}, workingDirectory: "/workspace" };
      await executor.startStep("x", { ...step, script: [script] });
      let text = "";
      for await (const each of executor.observeStep("x", step, NO_OUTPUT)) {
        if (each.type === "output") text += each.data.toString();
        else if (each.type === "lost") text += each.detail;
      }
      return text;
    } finally {
      await executor.close("x");
    }
  }

  it("sees the image's files and none of the host's", async () => {
    await load(await smallImage());
    const text = await run(
      "cat /etc/release; ls /usr 2>/dev/null || echo no usr; (touch /etc/x) 2>/dev/null || echo read-only; touch /tmp/x ~/x x; ls; id -u",
    );
    expect(text).toBe("small 1\nno usr\nread-only\nx\n1000\n");
  });

  it("can be root in it", async () => {
    await load(await smallImage());
    expect(await run("id -u; touch x; ls -n x", "root")).toMatch(/^0\n-rw-r--r-- 1 0 0 /);
  });

  it("is led nowhere by links at the top of the image", async () => {
    const trap = join(root, "trap");
    mkdirSync(trap);
    mkdirSync(join(trap, "tmp"));
    const link = { type: "symlink" as const, linkname: `/oldroot${trap}` };
    await load(
      await smallImage([
        { ...link, name: "var" },
        { ...link, name: "run" },
        { ...link, name: "workspace" },
        { ...link, name: "home" },
      ]),
    );
    expect(await run("cat /etc/release")).toBe("small 1\n");
    expect(readdirSync(trap, { recursive: true })).toEqual(["tmp"]);
  });
});
