import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LogLine } from "../ports/files.ts";
import { LineSplitter } from "./line-splitter.ts";

/** Feeds `bytes` in pieces of the given sizes (the last piece takes the rest). */
function split(bytes: Buffer, sizes: readonly number[] = []): LogLine[] {
  const splitter = new LineSplitter("stdout", 0, 1);
  const lines: LogLine[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const next = Math.min(at + size, bytes.length);
    const data = bytes.subarray(at, next);
    lines.push(...splitter.push({ bytes: data, segments: [{ start: 0, source: at, masked: false }] }, 5));
    at = next;
  }
  return [...lines, ...splitter.end(bytes.length, 5)];
}

const texts = (lines: readonly LogLine[]): string[] => lines.map((line) => line.text);

describe("lines of a step's output", () => {
  it("end at line feeds, with or without a carriage return before", () => {
    expect(texts(split(Buffer.from("one\ntwo\r\n\nfour\n")))).toEqual(["one", "two", "", "four"]);
  });

  it("include a last one without line break", () => {
    expect(texts(split(Buffer.from("one\ntwo")))).toEqual(["one", "two"]);
  });

  it("know where the stream stood behind them", () => {
    expect(split(Buffer.from("é\nab\n")).map((line) => line.sourceOffset)).toEqual([3, 6]);
  });

  it("replace bytes that are not UTF-8", () => {
    expect(texts(split(Buffer.from([0x61, 0xff, 0x62, 10])))).toEqual(["a\uFFFDb"]);
  });

  it("are cut when they grow past 64 KiB, never inside a character", () => {
    const lines = texts(split(Buffer.from("€".repeat(50_000) + "\n")));
    expect(lines.length).toBe(3);
    expect(lines.join("")).toBe("€".repeat(50_000));
  });

  it("are the same however the bytes arrive", () => {
    const content = fc
      .array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("\n", "\r\n", "\r", "")))
      .map((parts) => Buffer.from(parts.join("")));
    fc.assert(
      fc.property(content, fc.array(fc.integer({ min: 0, max: 9 })), (bytes, sizes) => {
        expect(split(bytes, sizes)).toEqual(split(bytes));
      }),
    );
  });
});
