import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogLine, LogRange, LogStore } from "../ports/files.ts";

export interface LogStoreHarness {
  /** Another store on the same place, as another process would have it. */
  open(): LogStore;
  dispose(): Promise<void>;
}

/** What every log store must do. */
export function logStoreConformance(name: string, makeHarness: () => Promise<LogStoreHarness>): void {
  describe(`log store: ${name}`, () => {
    let harness: LogStoreHarness;
    let store: LogStore;

    beforeEach(async () => {
      harness = await makeHarness();
      store = harness.open();
    });

    afterEach(() => harness.dispose());

    async function writeLines(job: string, lines: readonly LogLine[]): Promise<void> {
      const writer = store.write("run-1", job);
      writer.append(lines);
      await writer.close();
    }

    test("a job that printed nothing has no lines", async () => {
      await writeLines("build", []);
      expect(await store.lineCount("run-1", "build")).toBe(0);
      expect(await readAll(store, "build")).toEqual([]);
      expect(await readAll(store, "never-started")).toEqual([]);
    });

    test("lines come back in order with everything that was known of them", async () => {
      const lines: LogLine[] = [
        { time: 1_700_000_000_123, stream: "stdout", step: 0, attempt: 1, sourceOffset: 6, text: "hello" },
        { time: 1_700_000_000_124, stream: "stderr", step: 0, attempt: 1, sourceOffset: 9_000_000_000, text: "" },
        {
          time: 1_700_000_000_124,
          stream: "system",
          step: 3,
          attempt: 2,
          sourceOffset: 0,
          text: "Zürich 🚚 \u0000\t\n",
        },
      ];
      await writeLines("build", lines);
      expect(await readAll(store, "build")).toEqual(lines);
    });

    test("each job of each run has a log of its own", async () => {
      await writeLines("build", [numbered(1)]);
      await writeLines("test", [numbered(2)]);
      expect(await readAll(store, "build")).toEqual([numbered(1)]);
      expect(await store.lineCount("run-2", "build")).toBe(0);
    });

    test.each<[LogRange, number[]]>([
      [{ fromLine: 7 }, [7, 8, 9]],
      [{ maxLines: 2 }, [0, 1]],
      [{ fromLine: 4, maxLines: 3 }, [4, 5, 6]],
      [{ fromLine: 9, maxLines: 5 }, [9]],
      [{ fromLine: 10 }, []],
      [{ fromLine: 1_000_000 }, []],
      [{ maxLines: 0 }, []],
    ])("of ten lines, %j gives %j", async (range, expected) => {
      await writeLines("build", numberedLines(0, 10));
      expect((await readAll(store, "build", range)).map((line) => line.text)).toEqual(expected.map((n) => `line ${n}`));
    });

    test("what was flushed can be read by others while the writer goes on", async () => {
      const reader = harness.open();
      const writer = store.write("run-1", "build");
      for (let round = 1; round <= 3; round += 1) {
        writer.append([numbered(round)]);
        await writer.flush();
        expect(await reader.lineCount("run-1", "build")).toBe(round);
      }
      await writer.close();
      expect(await readAll(reader, "build")).toEqual(numberedLines(1, 4));
    });

    test("a reader beside a busy writer sees whole lines only, from the first on", async () => {
      const writer = store.write("run-1", "build");
      const reader = harness.open();
      let written = 0;
      let seen = 0;
      const writing = (async () => {
        for (; written < 20_000; written += 500) {
          writer.append(numberedLines(written, written + 500));
          await writer.flush();
        }
      })();
      while (seen < 20_000) {
        const lines = await readAll(reader, "build", { fromLine: seen });
        expect(lines.map((line) => line.text)).toEqual(lines.map((_, index) => `line ${seen + index}`));
        seen += lines.length;
      }
      await writing;
      await writer.close();
      expect(seen).toBe(20_000);
    });

    test("a later writer goes on behind the lines that are there", async () => {
      await writeLines("build", numberedLines(0, 3));
      await writeLines("build", numberedLines(3, 5));
      expect(await readAll(harness.open(), "build")).toEqual(numberedLines(0, 5));
    });

    test("lines that are queued faster than they are written arrive all the same", async () => {
      const writer = store.write("run-1", "build");
      for (let from = 0; from < 50_000; from += 1_000) writer.append(numberedLines(from, from + 1_000));
      await writer.close();
      expect(await store.lineCount("run-1", "build")).toBe(50_000);
      expect(await readAll(store, "build", { fromLine: 49_999 })).toEqual([numbered(49_999)]);
    });

    test("reading may be given up in the middle", async () => {
      await writeLines("build", numberedLines(0, 10));
      for await (const line of store.read("run-1", "build")) {
        expect(line).toEqual(numbered(0));
        break;
      }
      expect(await store.lineCount("run-1", "build")).toBe(10);
    });

    test.each(["../escape", "a/b", "..", ".", "", ".hidden", "a\0b", "a\\b", "x".repeat(300)])(
      "%j is refused as the name of a job or run",
      async (unsafe) => {
        expect(() => store.write("run-1", unsafe)).toThrow(expect.objectContaining({ code: "STORE_UNSAFE_NAME" }));
        expect(() => store.write(unsafe, "build")).toThrow(expect.objectContaining({ code: "STORE_UNSAFE_NAME" }));
        await expect(readAll(store, unsafe)).rejects.toMatchObject({ code: "STORE_UNSAFE_NAME" });
      },
    );
  });
}

export async function readAll(store: LogStore, job: string, range?: LogRange): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of store.read("run-1", job, range)) lines.push(line);
  return lines;
}

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

function numberedLines(from: number, to: number): LogLine[] {
  return Array.from({ length: to - from }, (_, index) => numbered(from + index));
}
