import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listTree } from "@waybill/engine/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openArtifactStore, type ContentAddressedStore } from "./content-addressed-store.ts";
import { parseManifest } from "./manifest/format.ts";
import { contentsOf, MANIFEST_MIME_TYPE } from "./manifest/manifest.ts";
import { sweepTemporary } from "./retention/sweep-leftovers.ts";

const CHILD = fileURLToPath(new URL("testing/crash-child.ts", import.meta.url));
const KILLS = 8;
const LARGE_BYTES = 4_000_000;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "waybill-crash-"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** Lets it work for a moment and kills it. */
async function killAfter(ms: number, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const errors: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const closed = new Promise((resolve) => child.on("close", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  await new Promise((resolve) => setTimeout(resolve, ms));
  child.kill("SIGKILL");
  await closed;
  // Nothing that an earlier death left behind makes it fail.
  expect(Buffer.concat(errors).toString()).toBe("");
}

/** Every content is what its name says, and every artifact has all that it is made of. */
async function expectSound(store: ContentAddressedStore): Promise<number> {
  const present = new Set<string>();
  const wanted = new Set<string>();
  let artifacts = 0;
  for await (const hash of store.backend.list()) {
    present.add(hash);
    const { content, record } = await store.backend.readAll(hash, 10_000_000);
    expect(record).toMatchObject({ verification_result: "valid", retry_count: 0 });
    if ((await store.backend.info(hash))?.mime_type !== MANIFEST_MIME_TYPE) continue;
    artifacts += 1;
    for (const each of contentsOf(parseManifest(content?.toString() ?? ""))) wanted.add(each);
  }
  expect([...wanted].filter((hash) => !present.has(hash))).toEqual([]);
  return artifacts;
}

test("killed at any moment of a save, a restore or a cleanup, the store is sound and works on", async () => {
  const [directory, workspace, target] = ["store", "workspace", "target"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(join(workspace, "tree"), { recursive: true });
  for (let index = 0; index < 300; index += 1) await writeFile(join(workspace, "tree", `${index}`), `file ${index}`);
  await writeFile(join(workspace, "large"), randomBytes(1000));
  const store = openArtifactStore(directory);
  const needed = await store.save({ runId: "run", jobName: "build", workspace, patterns: { needed: ["."] } });
  const args = [directory, workspace, target, needed[0]?.ref ?? ""];

  let most = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    await killAfter(Math.random() * 400, args);
    most = Math.max(most, await expectSound(store));
    // A file that was being restored has a temporary name until it is whole.
    const restored = await listTree(target).catch((): string[] => []);
    if (restored.includes("large")) expect((await stat(join(target, "large"))).size).toBe(LARGE_BYTES);
    const kept = await mkdtemp(join(root, "kept-"));
    await store.restore(needed, kept);
    expect(await readFile(join(kept, "tree/7"), "utf8")).toBe("file 7");
    expect((await readdir(join(kept, "tree"))).length).toBe(300);
  }
  // Some of the deaths came between a save and the cleanup behind it.
  expect(most).toBeGreaterThan(1);

  await rm(target, { recursive: true, force: true });
  await mkdir(target);
  await store.restore(await store.save({ runId: "r", jobName: "j", workspace, patterns: { all: ["."] } }), target);
  expect(await listTree(target)).toEqual(await listTree(workspace));
  expect((await readFile(join(target, "large"))).equals(await readFile(join(workspace, "large")))).toBe(true);
  await sweepTemporary(store.backend.layout, Date.now() + 3 * 3_600_000);
  expect(await readdir(store.backend.layout.temporary)).toEqual([]);
}, 60_000);
