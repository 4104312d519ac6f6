import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifactStoreConformance, listTree } from "@waybill/engine/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openArtifactStore } from "./content-addressed-store.ts";
import { parseManifest } from "./manifest/format.ts";
import { StoreBench } from "./testing/store-bench.ts";

artifactStoreConformance("by content", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-artifacts-"));
  return { open: () => openArtifactStore(directory), dispose: () => rm(directory, { recursive: true }) };
});

let bench: StoreBench;

beforeEach(async () => {
  bench = await StoreBench.open();
});

afterEach(() => bench.close());

const TEXT = "the same words over and over, ".repeat(60_000);

async function onlyContentOf(ref: string): Promise<string> {
  const { content } = await bench.store.backend.readAll(ref, 1_000_000);
  return parseManifest(content?.toString() ?? "").files[0]?.hash ?? "";
}

describe("on disk", () => {
  test("content lies under the SHA-256 of its raw bytes, with metadata in a file beside", async () => {
    await bench.put("dist/app.js", "hello");
    const saved = await bench.save("dist");
    const hash = createHash("sha256").update("hello").digest("hex");
    const { base } = bench.store.backend.layout;
    expect(await readFile(join(base, "artifacts", hash.slice(0, 2), hash.slice(2, 4), hash), "utf8")).toBe("hello");
    expect(JSON.parse(await readFile(join(base, "metadata", `${hash}.json`), "utf8"))).toEqual({
      content_hash: hash,
      original_name: "app.js",
      size_bytes: 5,
      mime_type: "text/plain",
      created_at: "2026-01-01T00:00:00.000Z",
      last_accessed: "2026-01-01T00:00:00.000Z",
      reference_count: 0,
      compression: "none",
      metadata: {},
    });
    expect(await bench.store.backend.info(saved.ref)).toMatchObject({
      original_name: "app",
      mime_type: "application/vnd.waybill.manifest+json",
      metadata: { run: "run-1", job: "build" },
    });
    expect((await stat(base)).mode & 0o777).toBe(0o700);
  });

  test("what compresses is compressed, what does not is kept as it is, and both come back", async () => {
    const random = randomBytes(300_000);
    await bench.put("text", TEXT);
    await bench.put("random", random);
    await bench.put("empty", "");
    const target = await bench.restore(await bench.save("."));
    expect(await readFile(join(target, "text"), "utf8")).toBe(TEXT);
    expect((await readFile(join(target, "random"))).equals(random)).toBe(true);
    expect((await stat(join(target, "empty"))).size).toBe(0);
    const sizes = new Map<string, number>();
    for (const hash of await bench.contents()) {
      const info = await bench.store.backend.info(hash);
      if (info !== null) sizes.set(`${info.original_name} ${info.compression}`, (await stat(bench.pathOf(hash))).size);
    }
    expect(sizes.get("text zstd")).toBeLessThan(TEXT.length / 50);
    expect(sizes.get("random none")).toBe(random.length);
  });

  test("the same content is stored once, whatever it is called and whoever saves it", async () => {
    await bench.put("a", TEXT);
    const first = await bench.save("a");
    const before = await bench.files();
    const { total_bytes: bytes } = await bench.store.backend.stats();
    const again = await bench.save("a", "other name");
    expect(again.ref).toBe(first.ref);
    expect(await bench.files()).toEqual(before);
    await rename(join(bench.workspace, "a"), join(bench.workspace, "b"));
    await bench.save("b");
    // A list of files of its own, and not the file once more.
    expect((await bench.contents()).length).toBe(3);
    expect((await bench.store.backend.stats()).total_bytes - bytes).toBeLessThan(1500);
  });

  test("of many small files only those near a change are stored anew", async () => {
    for (let index = 0; index < 3000; index += 1)
      await bench.put(`tree/${index}`, `file ${index} ${"x".repeat(index % 97)}`);
    await bench.save("tree");
    const { artifact_count: packs, total_bytes: before } = await bench.store.backend.stats();
    expect(packs).toBeLessThan(40);
    await bench.put("tree/1500", "changed");
    const saved = await bench.save("tree");
    const { artifact_count: after, total_bytes: total } = await bench.store.backend.stats();
    // The pack around it (two, where the change moved its end) and the list of files.
    expect(after - packs).toBeLessThanOrEqual(3);
    expect(total - before).toBeLessThan(before);
    const target = await bench.restore(saved);
    expect(await readFile(join(target, "tree/1500"), "utf8")).toBe("changed");
    expect(await readFile(join(target, "tree/2999"), "utf8")).toBe(`file 2999 ${"x".repeat(2999 % 97)}`);
    expect((await readdir(join(target, "tree"))).length).toBe(3000);
  });

  test("a save that fails takes back what it stored, but nothing that was there", async () => {
    await bench.put("kept", "kept");
    await bench.save("kept");
    const before = await bench.files();
    await bench.put("large", randomBytes(100_000));
    await bench.put("dist/1");
    const { workspace } = bench;
    const small = openArtifactStore(bench.store.backend.layout.base, { clock: bench.clock, maxStorageGb: 0.00008 });
    const patterns = { app: ["kept", "dist"], second: ["large"] };
    await expect(small.save({ runId: "r", jobName: "j", workspace, patterns })).rejects.toMatchObject({
      code: "ARTIFACT_QUOTA_EXCEEDED",
    });
    expect(await bench.files()).toEqual(before);
  });

  test("two that save the same at the same time both succeed, and it is there once", async () => {
    await bench.put("a", randomBytes(3_000_000));
    const [first, ...others] = await Promise.all([bench.save("a"), bench.save("a"), bench.save("a")]);
    expect(others.map(({ ref }) => ref)).toEqual([first.ref, first.ref]);
    expect((await bench.contents()).length).toBe(2);
    await bench.restore(first);
  });
});

describe("verification", () => {
  test.each<[string, (path: string) => Promise<void>]>([
    ["changed", (path) => writeFile(path, "hellO")],
    ["cut off", (path) => writeFile(path, "hell")],
    ["longer", (path) => appendFile(path, "o")],
    ["empty", (path) => writeFile(path, "")],
    [
      "another file behind a link",
      async (path) => {
        await rm(path);
        await symlink("/etc/passwd", path);
      },
    ],
  ])(
    "content that is %s reaches nobody, goes to quarantine, and is healed by the same content",
    async (_what, spoil) => {
      await bench.put("a", "hello");
      const saved = await bench.save("a");
      const hash = await onlyContentOf(saved.ref);
      await spoil(bench.pathOf(hash));
      const target = join(bench.root, "target");
      await expect(bench.store.restore([saved], await mkdtemp(target))).rejects.toMatchObject({
        code: "ARTIFACT_CORRUPTED",
        message: expect.stringContaining(hash.slice(0, 12)) as string,
      });
      expect(bench.quarantined).toMatchObject([
        { expected_hash: hash, verification_result: "corrupted", retry_count: 1 },
      ]);
      const [made] = (await readdir(bench.root)).filter((name) => name.startsWith("target"));
      expect(await listTree(join(bench.root, made ?? ""))).toEqual([]);
      await expect(bench.restore(saved)).rejects.toMatchObject({ code: "ARTIFACT_CORRUPTED" });

      const again = await bench.save("a");
      expect(again.ref).toBe(saved.ref);
      expect(await readFile(join(await bench.restore(saved), "a"), "utf8")).toBe("hello");
      expect(await bench.store.backend.quarantined()).toEqual([]);
    },
  );

  test("an upload does not rely on stored content that is visibly cut off", async () => {
    await bench.put("a", "hello");
    const saved = await bench.save("a");
    await writeFile(bench.pathOf(await onlyContentOf(saved.ref)), "he");
    await bench.save("a");
    expect(await readFile(join(await bench.restore(saved), "a"), "utf8")).toBe("hello");
  });

  test("compressed content that inflates to more than it says is cut off", async () => {
    await bench.put("a", TEXT);
    const saved = await bench.save("a");
    const hash = await onlyContentOf(saved.ref);
    const stored = await readFile(bench.pathOf(hash));
    for (const change of [
      (bytes: Buffer) => bytes.writeUInt32LE(10, 12),
      (bytes: Buffer) => bytes.writeUInt32LE(0xffffffff, 12),
      (bytes: Buffer) => bytes.writeUInt32LE(0xffffffff, 8),
      (bytes: Buffer) => bytes.fill(0, 20, 40),
    ]) {
      const changed = Buffer.from(stored);
      change(changed);
      await writeFile(bench.pathOf(hash), changed);
      expect((await bench.store.backend.verify(hash)).verification_result).toBe("corrupted");
      await writeFile(bench.pathOf(hash), stored);
    }
    // A thousand times its size, from a few more bytes.
    await writeFile(bench.pathOf(hash), Buffer.concat(Array.from({ length: 1000 }, () => stored)));
    const record = await bench.store.backend.verify(hash);
    expect(record).toMatchObject({ verification_result: "corrupted" });
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ["lost", (path) => rm(path)],
    ["no JSON", (path) => writeFile(path, "{")],
    [
      "wrong about the compression",
      async (path) => {
        const info = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
        await writeFile(
          path,
          JSON.stringify({ ...info, compression: info["compression"] === "zstd" ? "none" : "zstd" }),
        );
      },
    ],
    [
      "wrong about the size",
      async (path) => {
        const info = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
        await writeFile(path, JSON.stringify({ ...info, size_bytes: 1 }));
      },
    ],
    ["huge", (path) => writeFile(path, " ".repeat(1_000_000))],
  ])("metadata that is %s is made good from the content", async (_what, spoil) => {
    await bench.put("text", TEXT);
    await bench.put("short", "short");
    const saved = await bench.save(".");
    for (const hash of await bench.contents()) await spoil(bench.store.backend.layout.infoOf(hash));
    const target = await bench.restore(saved);
    expect(await readFile(join(target, "text"), "utf8")).toBe(TEXT);
    expect(bench.quarantined).toEqual([]);
    for (const hash of await bench.contents()) {
      expect((await bench.store.backend.verify(hash)).verification_result).toBe("valid");
      expect(await bench.store.backend.info(hash)).toMatchObject({ content_hash: hash });
    }
  });

  test("a verification is no access, handing out is", async () => {
    await bench.put("a");
    const saved = await bench.save("a");
    bench.clock.advance(5000);
    await bench.store.backend.verify(saved.ref);
    expect((await bench.store.backend.info(saved.ref))?.last_accessed).toBe("2026-01-01T00:00:00.000Z");
    await bench.restore(saved);
    expect((await bench.store.backend.info(saved.ref))?.last_accessed).toBe("2026-01-01T00:00:05.000Z");
  });
});

describe("space", () => {
  test("the running total is what lies on disk, through saves, removals and a lost count", async () => {
    async function onDisk(): Promise<number> {
      let bytes = 0;
      for (const path of await bench.files()) bytes += (await stat(path)).size;
      return bytes;
    }
    await bench.put("a", TEXT.slice(0, 500_000));
    const saved = await bench.save("a");
    await bench.put("b", randomBytes(1000));
    await bench.save("b");
    expect(await bench.store.backend.checkQuota()).toBe(await onDisk());
    bench.clock.advance(1000);
    await bench.store.backend.remove(saved.ref, bench.clock.now());
    expect(await bench.store.backend.checkQuota()).toBe(await onDisk());
    await writeFile(bench.store.backend.layout.usage, "nonsense");
    expect(await bench.store.backend.checkQuota()).toBe(await onDisk());
  });

  test("at 98 % nothing new is kept, not even what would fit", async () => {
    await bench.put("a", randomBytes(60_000));
    await bench.save("a");
    const used = (await bench.store.backend.stats()).total_bytes;
    const full = openArtifactStore(bench.store.backend.layout.base, { maxStorageGb: used / 0.981 / 1024 ** 3 });
    await bench.put("b", "small");
    const { workspace } = bench;
    await expect(full.save({ runId: "r", jobName: "j", workspace, patterns: { app: ["b"] } })).rejects.toMatchObject({
      code: "ARTIFACT_QUOTA_EXCEEDED",
      message: expect.stringContaining("98.1 %") as string,
    });
  });
});

test("memory stays flat while a large file is kept and handed out", async () => {
  const chunk = randomBytes(1024 * 1024);
  for (let index = 0; index < 300; index += 1) {
    chunk.writeUInt32LE(index);
    await appendFile(join(bench.workspace, "large"), index % 2 === 0 ? chunk : TEXT.slice(0, chunk.length));
  }
  const start = process.memoryUsage.rss();
  let peak = start;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
  const progress: number[] = [];
  const [saved] = await bench.store.save({
    runId: "run-1",
    jobName: "build",
    workspace: bench.workspace,
    patterns: { app: ["large"] },
    onProgress: ({ doneBytes, totalBytes }) => progress.push(doneBytes / totalBytes),
  });
  if (saved === undefined) throw new Error("nothing saved");
  const target = await bench.restore(saved);
  clearInterval(watch);
  expect((peak - start) / 1024 ** 2).toBeLessThan(200);
  expect((await stat(join(target, "large"))).size).toBe(saved.sizeBytes);
  expect(progress.length).toBeGreaterThan(100);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toBe(1);
});
