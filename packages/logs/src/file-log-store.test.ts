import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogLine, LogRange } from "@waybill/engine";
import { logStoreConformance, readAll } from "@waybill/engine/testing";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLogStore } from "./file-log-store.ts";
import { MAX_TEXT_BYTES } from "./frame.ts";

logStoreConformance("files", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-logs-"));
  return { open: () => openLogStore(directory), dispose: () => rm(directory, { recursive: true }) };
});

describe("files", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "waybill-logs-"));
  });

  afterEach(() => rm(root, { recursive: true }));

  const arbitraryLine: fc.Arbitrary<LogLine> = fc.record({
    time: fc.nat(4_000_000_000_000),
    stream: fc.constantFrom("stdout", "stderr", "system"),
    step: fc.nat(65_535),
    attempt: fc.nat(0xffff_ffff),
    sourceOffset: fc.maxSafeNat(),
    text: fc.string({ unit: "binary", maxLength: 60 }),
  });

  const arbitraryBatches = fc.array(fc.array(arbitraryLine, { maxLength: 8 }), { maxLength: 8 });

  async function write(directory: string, batches: readonly (readonly LogLine[])[]): Promise<void> {
    const writer = openLogStore(directory).write("run-1", "build");
    for (const [position, batch] of batches.entries()) {
      writer.append(batch);
      if (position % 2 === 0) await writer.flush();
    }
    await writer.close();
  }

  async function fresh(): Promise<{ directory: string; log: string; index: string }> {
    const directory = await mkdtemp(join(root, "case-"));
    return { directory, log: join(directory, "run-1/build.log"), index: join(directory, "run-1/build.idx") };
  }

  test("any lines in any batches come back equal", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryBatches, async (batches) => {
        const { directory } = await fresh();
        await write(directory, batches);
        expect(await readAll(openLogStore(directory), "build")).toEqual(batches.flat());
      }),
    );
  });

  test("files cut off anywhere give a prefix, which a new writer continues", async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryBatches,
        arbitraryLine,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (batches, next, keptOfLog, keptOfIndex) => {
          const lines = batches.flat();
          fc.pre(lines.length > 0);
          const { directory, log, index } = await fresh();
          await write(directory, batches);
          await truncate(log, Math.round((await stat(log)).size * keptOfLog));
          await truncate(index, Math.round((await stat(index)).size * keptOfIndex));

          const store = openLogStore(directory);
          const kept = await readAll(store, "build");
          expect(kept).toEqual(lines.slice(0, kept.length));
          expect(await store.lineCount("run-1", "build")).toBe(kept.length);
          if (keptOfLog === 1) expect(kept).toHaveLength(lines.length);
          for (let from = 0; from <= kept.length; from += 3) {
            expect(await readAll(store, "build", { fromLine: from })).toEqual(kept.slice(from));
          }

          await write(directory, [[next]]);
          expect(await readAll(store, "build")).toEqual([...kept, next]);
          expect((await readFile(index)).length).toBe((kept.length + 1) * 8);
        },
      ),
    );
  });

  test("a tail of zeros, as a power cut leaves it, is not read as lines", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryBatches, fc.nat(200), fc.nat(100), async (batches, zerosInLog, zerosInIndex) => {
        const lines = batches.flat();
        fc.pre(lines.length > 0);
        const { directory, log, index } = await fresh();
        await write(directory, batches);
        await truncate(log, (await stat(log)).size + zerosInLog);
        await truncate(index, (await stat(index)).size + zerosInIndex);
        expect(await readAll(openLogStore(directory), "build")).toEqual(lines);
      }),
    );
  });

  test("a byte that changed costs its line and no other, and is told", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryBatches, fc.nat(), fc.integer({ min: 1, max: 255 }), async (batches, where, change) => {
        const lines = batches.flat();
        fc.pre(lines.length > 0);
        const { directory, log, index } = await fresh();
        await write(directory, batches);
        const bytes = await readFile(log);
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        await writeFile(log, bytes);
        const ends = Array.from(new Float64Array(new Uint8Array(await readFile(index)).buffer));
        const damaged = ends.findIndex((end) => end > at);
        const expected = lines.filter((_, line) => line !== damaged);
        const store = openLogStore(directory);
        const kept: LogLine[] = [];
        const reading = (async () => {
          for await (const line of store.read("run-1", "build")) kept.push(line);
        })();
        // A last line that is not whole looks like one that was being written when its process died.
        if (damaged === lines.length - 1) {
          await reading;
          expect(await store.findLoss("run-1", "build")).not.toBeNull();
        } else {
          await expect(reading).rejects.toMatchObject({
            code: "STORE_LOG_DAMAGED",
            message: expect.stringContaining(`1 of its lines cannot be read, the first is line ${damaged + 1}`),
          });
        }
        expect(kept).toEqual(expected);
      }),
    );
  });

  test("any number of damaged lines in a row are left out, and lines asked for by number are the same as before", async () => {
    const { directory, log } = await fresh();
    await write(directory, [Array.from({ length: 100 }, (_, index) => numbered(index))]);
    const bytes = await readFile(log);
    bytes.fill(0, 1000, 2000);
    await writeFile(log, bytes);
    const store = openLogStore(directory);
    await expect(readAll(store, "build")).rejects.toMatchObject({ code: "STORE_LOG_DAMAGED" });
    expect(await readAll(store, "build", { fromLine: 60 })).toEqual(
      Array.from({ length: 40 }, (_, index) => numbered(60 + index)),
    );
    expect(await store.lineCount("run-1", "build")).toBe(100);
    expect(await store.findLoss("run-1", "build")).toBeNull();
  });

  test("what is missing at the end of a log is told of one that nobody writes any more", async () => {
    const { directory, log } = await fresh();
    await write(directory, [[numbered(1), numbered(2), numbered(3)]]);
    const store = openLogStore(directory);
    expect(await store.findLoss("run-1", "build")).toBeNull();
    expect(await store.findLoss("run-1", "never-started")).toBeNull();
    const { size } = await stat(log);
    await truncate(log, size - 1);
    expect(await store.findLoss("run-1", "build")).toMatch(/^\d+ bytes behind line 2 are no whole line$/);
    await truncate(log, (size / 3) * 2);
    expect(await store.findLoss("run-1", "build")).toBe("its index knows 3 lines, of which 2 are there");
  });

  test("without its index a log is still read, and the next writer makes the index anew", async () => {
    const { directory, index } = await fresh();
    await write(directory, [[numbered(1), numbered(2)]]);
    const before = await readFile(index);
    await rm(index);
    expect(await readAll(openLogStore(directory), "build", { fromLine: 1 })).toEqual([numbered(2)]);
    await write(directory, [[numbered(3)]]);
    expect((await readFile(index)).subarray(0, before.length)).toEqual(before);
  });

  test("line 900,000 of a million is one seek", async () => {
    const store = openLogStore(root);
    const writer = store.write("run-1", "build");
    for (let from = 0; from < 1_000_000; from += 10_000) {
      writer.append(Array.from({ length: 10_000 }, (_, index) => numbered(from + index)));
      await writer.flush();
    }
    await writer.close();
    const timed = async (range: LogRange): Promise<number> => {
      const begin = performance.now();
      const lines = await readAll(store, "build", range);
      expect(lines.at(-1)).toEqual(numbered((range.fromLine ?? 0) + lines.length - 1));
      return performance.now() - begin;
    };
    const all = await timed({});
    const one = await timed({ fromLine: 900_000, maxLines: 1 });
    expect(one).toBeLessThan(all / 20);
  });

  test("a job that prints nothing makes no file", async () => {
    const writer = openLogStore(root).write("run-1", "build");
    writer.append([]);
    await writer.flush();
    await writer.close();
    expect(existsSync(join(root, "run-1"))).toBe(false);
  });

  test("a very long line is kept in pieces that together are the line", async () => {
    const text = "0123456789abcde🚚".repeat(200_000);
    await write(root, [[numbered(1), { ...numbered(2), text }, numbered(3)]]);
    const lines = await readAll(openLogStore(root), "build");
    expect(lines.length).toBeGreaterThan(3);
    const pieces = lines.slice(1, -1);
    expect(pieces.map((line) => line.text).join("")).toBe(text);
    for (const piece of pieces) {
      expect(Buffer.byteLength(piece.text)).toBeLessThanOrEqual(MAX_TEXT_BYTES);
      expect(piece).toMatchObject({ time: numbered(2).time, sourceOffset: numbered(2).sourceOffset });
    }
    expect(lines.at(-1)).toEqual(numbered(3));
  });

  test("of a long line that was cut off by a crash no piece is kept", async () => {
    await write(root, [[numbered(1), { ...numbered(2), text: "x".repeat(3 * MAX_TEXT_BYTES) }]]);
    const log = join(root, "run-1/build.log");
    await truncate(log, (await stat(log)).size - 1);
    const store = openLogStore(root);
    expect(await readAll(store, "build")).toEqual([numbered(1)]);
    await write(root, [[numbered(3)]]);
    expect(await readAll(store, "build")).toEqual([numbered(1), numbered(3)]);
  });

  test("a log that is a link to somewhere else is not written", async () => {
    const victim = join(root, "victim");
    await writeFile(victim, "precious");
    await mkdir(join(root, "run-1"));
    await symlink(victim, join(root, "run-1/build.log"));
    const writer = openLogStore(root).write("run-1", "build");
    writer.append([numbered(1)]);
    await expect(writer.flush()).rejects.toMatchObject({ code: "STORE_FAILED" });
    await expect(writer.close()).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(await readFile(victim, "utf8")).toBe("precious");
  });

  test("a write that fails is reported by flush, and the lines before it stay", async () => {
    await writeFile(join(root, "run-1"), "");
    const writer = openLogStore(root).write("run-1", "build");
    writer.append([numbered(1)]);
    await expect(writer.flush()).rejects.toMatchObject({ code: "STORE_FAILED" });
  });

  test("logs are for this user only", async () => {
    const { directory, log, index } = await fresh();
    await write(directory, [[numbered(1)]]);
    expect((await stat(log)).mode & 0o777).toBe(0o600);
    expect((await stat(index)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, "run-1"))).mode & 0o777).toBe(0o700);
  });
});

function numbered(n: number): LogLine {
  return {
    time: 1_700_000_000_000 + n,
    stream: "stdout",
    step: 0,
    attempt: 1,
    sourceOffset: n * 10,
    text: `line ${n}`,
  };
}
