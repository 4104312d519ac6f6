import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DAY, StoreBench } from "../testing/store-bench.ts";
import { sweepTemporary } from "./sweep-leftovers.ts";

let bench: StoreBench;

beforeEach(async () => {
  bench = await StoreBench.open();
});

afterEach(() => bench.close());

async function names(): Promise<readonly string[]> {
  const { artifacts } = await bench.retention.collect({ dryRun: true });
  return artifacts.flatMap((artifact) => artifact.names).sort();
}

describe("a cleanup", () => {
  test("removes what is old and unused, with what only it is made of, and writes down why", async () => {
    await bench.put("shared", "shared");
    await bench.put("own", "own");
    const old = await bench.save(".", "old");
    bench.clock.advance(20 * DAY);
    await bench.put("own", "another");
    const young = await bench.save(".", "young");
    bench.clock.advance(11 * DAY);
    const before = (await bench.store.backend.stats()).total_bytes;

    expect(await names()).toEqual(["old"]);
    expect((await bench.store.backend.stats()).total_bytes).toBe(before);
    const report = await bench.retention.collect();
    expect(report).toMatchObject({
      level: "normal",
      evaluated: 2,
      artifacts: [{ ref: old.ref, policy: "default_policy" }],
      failed_deletions: 0,
      contents_deleted: 1,
      corrupted: [],
    });
    expect(before - report.reclaimed_bytes).toBe((await bench.store.backend.stats()).total_bytes);
    await expect(bench.restore(old)).rejects.toMatchObject({ code: "ARTIFACT_LOST" });
    expect(await readFile(join(await bench.restore(young), "shared"), "utf8")).toBe("shared");

    expect(bench.records.trail.map(({ kind, contentHash, details }) => ({ kind, contentHash, ...details }))).toEqual([
      expect.objectContaining({
        kind: "policy_evaluation",
        contentHash: old.ref,
        decision: "delete",
        policy: "default_policy",
      }),
      expect.objectContaining({ kind: "policy_evaluation", contentHash: null, decision: "keep", artifacts: 1 }),
      expect.objectContaining({ kind: "deletion", contentHash: old.ref, age_days: 31, policy: "default_policy" }),
    ]);
    expect((await bench.retention.collect()).artifacts).toEqual([]);
  });

  test("leaves alone what a run under way may need, what is pinned, and what was fetched of late", async () => {
    for (const name of ["used", "pinned", "fetched", "idle"]) await bench.put(name);
    await bench.save("used", "used", true);
    const pinned = await bench.save("pinned", "pinned");
    const fetched = await bench.save("fetched", "fetched");
    await bench.save("idle", "idle");
    await bench.records.pin({ ref: pinned.ref, owner: "user", reason: "", createdAt: 0 });
    bench.clock.advance(40 * DAY);
    await bench.restore(fetched);
    bench.clock.advance(DAY);
    expect(await names()).toEqual(["idle"]);
    await bench.records.unpin(pinned.ref);
    bench.clock.advance(3 * DAY);
    expect(await names()).toEqual(["fetched", "idle", "pinned"]);
    await bench.retention.collect();
    expect((await bench.contents()).length).toBe(2);
  });

  test("keeps what has a more protective name as well", async () => {
    await bench.put("a");
    await bench.save("a", "test-output");
    await bench.save("a", "release-v1.0");
    bench.clock.advance(60 * DAY);
    expect(await names()).toEqual([]);
    bench.clock.advance(31 * DAY);
    expect(await names()).toEqual(["release-v1.0", "test-output"]);
  });

  test("looks at the references once more before it removes", async () => {
    await bench.put("a");
    const saved = await bench.save("a");
    bench.clock.advance(40 * DAY);
    const engine = bench.retention;
    const artifact = { ref: saved.ref, names: ["app"], createdAt: 0, lastAccessed: 0, sizeBytes: 1, references: 0 };
    await bench.records.pin({ ref: saved.ref, owner: "user", reason: "", createdAt: 0 });
    const outcome = await engine.executeCleanup([{ artifact, decision: "delete", reason: "", policy: null }]);
    expect([outcome.deleted.length, outcome.failed]).toEqual([0, 1]);
    await bench.restore(saved);
  });

  test("does not take away what an upload has just found", async () => {
    await bench.put("a", "content");
    const saved = await bench.save("a");
    bench.clock.advance(40 * DAY);
    const inventory = await names();
    expect(inventory).toEqual(["app"]);
    // Its files are found stored, which makes them as good as new.
    await bench.save("a", "app");
    expect((await bench.retention.collect()).artifacts).toEqual([]);
    await bench.restore(saved);
  });

  test("is alone", async () => {
    const lock = await bench.records.lockCleanup();
    await expect(bench.retention.collect()).rejects.toMatchObject({ code: "ARTIFACT_CLEANUP_RUNNING" });
    await lock?.release();
    await bench.retention.collect();
  });

  test("removes at most so many at once, the oldest first", async () => {
    for (const name of ["first", "second", "third"]) {
      await bench.put("file", name);
      await bench.save("file", name);
      bench.clock.advance(DAY);
    }
    bench.clock.advance(40 * DAY);
    const { artifacts } = await bench.retention.collect({ maxArtifacts: 2 });
    expect(artifacts.map(({ names: [name] }) => name)).toEqual(["first", "second"]);
  });

  test("does not remove damaged content as if it were whole: it goes to quarantine, for 30 days", async () => {
    await bench.put("a", "hello");
    const saved = await bench.save("a");
    const [content] = (await bench.contents()).filter((hash) => hash !== saved.ref);
    const path = bench.pathOf(content ?? "");
    const { mtime } = await stat(path);
    await writeFile(path, "hellO");
    // A disk that forgets does not say when.
    await utimes(path, mtime, mtime);
    bench.clock.advance(40 * DAY);
    expect(await bench.retention.collect()).toMatchObject({ contents_deleted: 0, corrupted: [content] });
    expect(await bench.store.backend.quarantined()).toEqual([content]);
  });

  test("leaves all contents alone while some artifact cannot be understood", async () => {
    await bench.put("a", "hello");
    const saved = await bench.save("a");
    const text = '{"version": 2}';
    await bench.put("newer", text);
    // As a newer Waybill would keep it: the content itself is an artifact.
    const newer = await bench.save("newer");
    const hash = (await bench.contents()).find(
      (each) => ![saved.ref, newer.ref].includes(each) && each.startsWith("d"),
    );
    for (const each of await bench.contents()) {
      const info = await bench.store.backend.info(each);
      if (info?.original_name === "newer") {
        bench.records.artifacts.push({
          ...(bench.records.artifacts[0] as (typeof bench.records.artifacts)[number]),
          ref: each,
          isInUse: true,
        });
      }
    }
    expect(hash === undefined || hash.length === 64).toBe(true);
    bench.clock.advance(40 * DAY);
    expect(await bench.retention.collect()).toMatchObject({ contents_deleted: 0 });
  });
});

describe("when space runs out", () => {
  async function fill(percent: number): Promise<void> {
    await bench.close();
    const probe = await StoreBench.open();
    await probe.put("probe", randomBytes(100_000));
    await probe.save("probe");
    const { total_bytes: one } = await probe.store.backend.stats();
    await probe.close();
    bench = await StoreBench.open((4 * one) / (percent / 100) / 1024 ** 3);
    for (let index = 0; index < 4; index += 1) {
      await bench.put("file", randomBytes(100_000));
      await bench.save("file", index === 3 ? "in-use" : `app-${index}`, index === 3);
      bench.clock.advance(1000);
    }
  }

  test.each<[number, string, number, readonly string[]]>([
    [70, "normal", 29, []],
    [82, "yellow", 23, ["app-0", "app-1", "app-2"]],
    [82, "yellow", 22, []],
    [92, "orange", 6, []],
    [96, "red", 1, ["app-0", "app-1", "app-2"]],
  ])("at %d %% (%s), after %d days: %j go", async (percent, level, days, expected) => {
    await fill(percent);
    bench.clock.advance(days * DAY);
    const report = await bench.retention.collect();
    expect(report.level).toBe(level);
    expect(report.artifacts.flatMap((artifact) => artifact.names)).toEqual(expected);
    expect(bench.records.trail.some(({ kind }) => kind === "storage_alert")).toBe(level !== "normal");
  });

  test("at 92 %, artifacts past their minimum age go until there is room again, and no more", async () => {
    await fill(92);
    bench.clock.advance(8 * DAY);
    const report = await bench.retention.collect();
    expect(report.artifacts.flatMap((artifact) => artifact.names)).toEqual(["app-0"]);
    expect((await bench.store.backend.stats()).quota_used_percent).toBeLessThan(90);
  });
});

describe("what crashes left", () => {
  test("is removed once nobody can be working on it any more", async () => {
    await bench.put("a");
    await bench.save("a");
    const { layout } = bench.store.backend;
    await mkdir(layout.temporary, { recursive: true });
    await writeFile(join(layout.temporary, "write-1"), "half");
    await writeFile(join(layout.temporary, "write-2"), "under way");
    const now = bench.clock.now();
    await utimes(join(layout.temporary, "write-1"), (now - 3_700_000) / 1000, (now - 3_700_000) / 1000);
    await utimes(join(layout.temporary, "write-2"), now / 1000, now / 1000);
    expect(await bench.retention.collect()).toMatchObject({ leftovers_removed: 1 });
    expect(await readdir(layout.temporary)).toEqual(["write-2"]);
  });

  test("content on its way out comes back where an upload had found it in the last moment", async () => {
    await bench.put("a", "content");
    const saved = await bench.save("a");
    const { layout } = bench.store.backend;
    const removed = join(layout.temporary, `removed-${saved.ref}-1`);
    await rename(layout.contentOf(saved.ref), removed);
    const now = Date.now();
    await utimes(removed, now / 1000, now / 1000);
    await sweepTemporary(layout, now);
    await expect(bench.restore(saved)).rejects.toMatchObject({ code: "ARTIFACT_LOST" });
    // Its remover is dead for sure.
    await sweepTemporary(layout, now + 120_000);
    await bench.restore(saved);
  });
});
