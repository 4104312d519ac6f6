import fc from "fast-check";
import { expect, test } from "vitest";
import { parseOutputs } from "./parse-outputs.ts";

test("reads lines of NAME=value to the letter", () => {
  const text = 'VERSION=1.2.3\n\nURL=https://x/?a=b\nEMPTY=\nQUOTED="a b"\r\nVERSION=1.2.4';
  expect(parseOutputs(text)).toEqual({ VERSION: "1.2.4", URL: "https://x/?a=b", EMPTY: "", QUOTED: '"a b"' });
});

test("a step that wrote nothing hands on nothing", () => {
  expect(parseOutputs("")).toEqual({});
});

test.each([
  ["A=1\nno assignment", "OUTPUT_INVALID", "line 2"],
  ["a-b=1", "OUTPUT_INVALID", "line 1"],
  [" A=1", "OUTPUT_INVALID", "line 1"],
  ["=1", "OUTPUT_INVALID", "line 1"],
  ["A=\0", "OUTPUT_INVALID", "line 1"],
  ["PATH=/evil", "OUTPUT_INVALID", "PATH"],
  ["path=/evil", "OUTPUT_INVALID", "path"],
  ["LD_PRELOAD=x.so", "OUTPUT_INVALID", "LD_PRELOAD"],
  ["__proto__=x", "OUTPUT_INVALID", "line 1"],
  [`${"A".repeat(201)}=1`, "OUTPUT_INVALID", "longer"],
  [Array.from({ length: 257 }, (_, n) => `A${n}=`).join("\n"), "OUTPUT_INVALID", "line 257"],
  [null, "OUTPUT_UNREADABLE", ""],
])("refuses %j", (text, code, words) => {
  expect(() => parseOutputs(text)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(words) }));
});

test("whatever was written, a value that is not taken is not repeated in the error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (noise) => {
      try {
        parseOutputs(`${noise}\nbad name=hunter2`);
      } catch (error) {
        expect((error as Error).message).not.toContain("hunter2");
      }
    }),
  );
});
