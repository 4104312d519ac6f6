import { createMasker } from "@waybill/core";
import { ManualClock } from "@waybill/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_OUTPUT } from "../ports/executor.ts";
import type { LogLine } from "../ports/files.ts";
import { OutputLines, type UnfinishedLine } from "./output-lines.ts";
import { RunMasking } from "./run-masking.ts";

/** They overlap each other and themselves, have line breaks in them, at their end, and carriage returns. */
const SECRETS = { A: "abab", B: "babx\nab", C: "line one\nline two\n", D: "x\rab\r", E: "ünï€cod" };

const masking = new RunMasking(SECRETS);

function linesFrom(bytes: Buffer, from: number, sizes: readonly number[], until = bytes.length): LogLine[] {
  const output = new OutputLines(
    masking,
    { index: 0, attempt: 1 },
    { stdout: from, stderr: 0 },
    new ManualClock(5),
    null,
  );
  const lines: LogLine[] = [];
  let at = from;
  for (const size of [...sizes, bytes.length]) {
    const to = Math.min(at + size, until);
    lines.push(...output.push("stdout", bytes.subarray(at, to), 5));
    at = to;
  }
  return until === bytes.length ? [...lines, ...output.end()] : lines;
}

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "x", "ab", "bab", "\n", "\r", "\r\n", "€", "🚚", " ", "*") },
  { weight: 3, arbitrary: fc.constantFrom(...Object.values(SECRETS)) },
  fc.constantFrom(...Object.values(SECRETS).map((secret) => Buffer.from(secret).toString("base64"))),
  fc.constantFrom("y".repeat(65_535), "y".repeat(65_536), "abab".repeat(40_000), `${"€".repeat(30_000)}\r`),
);
const stream = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join("")));
const sizes = fc.array(fc.oneof(fc.nat(9), fc.nat(100_000)), { maxLength: 40 });

describe("lines of output with secrets", () => {
  test("are the same however the bytes arrive", () => {
    fc.assert(
      fc.property(stream, sizes, (bytes, cuts) => {
        expect(linesFrom(bytes, 0, cuts)).toEqual(linesFrom(bytes, 0, []));
      }),
    );
  });

  test("are the same where output is taken up behind any line, as after a crash at any place", () => {
    fc.assert(
      fc.property(stream, sizes, fc.double({ min: 0, max: 1, noNaN: true }), sizes, (bytes, before, killed, after) => {
        const kept = linesFrom(bytes, 0, before, Math.floor(killed * bytes.length));
        const resumed = linesFrom(bytes, kept.at(-1)?.sourceOffset ?? 0, after);
        expect([...kept, ...resumed]).toEqual(linesFrom(bytes, 0, []));
      }),
    );
  });

  test("say of each line that it may be taken up behind it", () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const lines = linesFrom(bytes, 0, []);
        for (const [index, { sourceOffset }] of lines.entries()) {
          expect(linesFrom(bytes, sourceOffset, [])).toEqual(lines.slice(index + 1));
        }
      }),
    );
  });

  test("hold what masking the whole stream at once leaves, state by state", () => {
    const text = stream.filter((bytes) => !bytes.includes("yyyy") && bytes.length < 60_000);
    fc.assert(
      fc.property(text, sizes, (bytes, cuts) => {
        const masker = createMasker(Object.values(SECRETS));
        const masked = Buffer.concat([masker.write(bytes), masker.end()]).toString();
        const states = masked.split("\n").map((line) => line.split("\r").findLast((state) => state !== "") ?? "");
        if (states.at(-1) === "") states.pop();
        expect(linesFrom(bytes, 0, cuts).map((line) => line.text)).toEqual(states);
      }),
    );
  });

  test("count in the source, not in what is left of it", () => {
    const bytes = Buffer.from("a abab b\nbabx\nab\r\nend");
    expect(linesFrom(bytes, 0, []).map(({ text, sourceOffset }) => [text, sourceOffset])).toEqual([
      ["a *** b", 9],
      ["***", 18],
      ["end", 21],
    ]);
  });

  test("never end within a mask where they are cut", () => {
    const lines = linesFrom(Buffer.from(`${"y".repeat(65_535)}abab${"z".repeat(70_000)}\n`), 0, []);
    expect(lines.map(({ text }) => [text.length, text.startsWith("***")])).toEqual([
      [65_535, false],
      [65_536, true],
      [4_467, false],
    ]);
    expect(lines.map(({ sourceOffset }) => sourceOffset)).toEqual([65_535, 131_072, 135_540]);
  });
});

describe("a progress bar", () => {
  const bar = Array.from({ length: 100 }, (_, index) => `${index + 1}% \u001b[32mok\u001b[0m\r`).join("");

  test("is kept as its last state, colours and all", () => {
    const bytes = Buffer.from(`before\n${bar}\nbehind\n`);
    expect(linesFrom(bytes, 0, [10, 10, 10]).map(({ text, sourceOffset }) => [text, sourceOffset])).toEqual([
      ["before", 7],
      ["100% \u001b[32mok\u001b[0m", bytes.length - 7],
      ["behind", bytes.length],
    ]);
  });

  test("that goes on for ever takes no memory and keeps its newest state", () => {
    const output = new OutputLines(masking, { index: 0, attempt: 1 }, NO_OUTPUT, new ManualClock(), null);
    const chunk = Buffer.from("downloading 17 of 99\r".repeat(10_000));
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 200; round += 1) expect(output.push("stdout", chunk, 0)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000);
    expect(output.end().map(({ text }) => text)).toEqual(["downloading 17 of 99"]);
  });

  test("is shown while it goes on, five times a second, masked", () => {
    const clock = new ManualClock();
    const shown: UnfinishedLine[] = [];
    const output = new OutputLines(masking, { index: 0, attempt: 1 }, NO_OUTPUT, clock, (line) => shown.push(line));
    const print = (text: string): void => {
      output.push("stdout", Buffer.from(text), 0);
      output.showUnfinished();
    };
    print("10%\r");
    print("20%\r");
    clock.advance(199);
    print("30%\r");
    clock.advance(1);
    print("40% abab aba");
    clock.advance(200);
    print("b\n");
    expect(shown.map(({ text }) => text)).toEqual(["10%", "40% *** ", ""]);
  });
});
