import { WaybillError } from "@waybill/core";
import { describe, expect, test } from "vitest";
import { translateError } from "./translate-error.ts";

const plain = { colour: false, debug: false };

describe("an error for the user", () => {
  test("has its code, what is wrong, what to do and where to read on", () => {
    const error = new WaybillError("CLI_FILE_NOT_FOUND", { file: "a.yaml" });
    expect(translateError(error, plain)).toEqual({
      code: "CLI_FILE_NOT_FOUND",
      exitCode: 2,
      text:
        'error[CLI_FILE_NOT_FOUND]: The file "a.yaml" does not exist\n' +
        "  Check the spelling; the path is relative to the directory the command runs in.\n" +
        "  See docs/reference/cli.md#pipeline-files\n",
    });
  });

  test.each([
    ["an Error", new TypeError("x is not a function"), "x is not a function"],
    ["an Error without a message", new RangeError(), "RangeError"],
    ["a string", "oops", "oops"],
    ["nothing", undefined, "undefined"],
    ["an object without a prototype", Object.create(null), "[Object: null prototype] {}"],
  ])("that was thrown as %s is a defect of ours, without its stack", (_what, thrown, detail) => {
    const { code, exitCode, text } = translateError(thrown, plain);
    expect([code, exitCode]).toEqual(["INTERNAL", 3]);
    expect(text).toContain(detail);
    expect(text).not.toMatch(/\n\s+at /);
  });

  test("repeats an argument harmless and not at any length", () => {
    const error = new WaybillError("CLI_FILE_NOT_FOUND", { file: `\u001b[2J${"x".repeat(100_000)}` });
    const { text } = translateError(error, plain);
    expect(text).toContain("\\x1b[2Jxxx");
    expect(text.length).toBeLessThan(5000);
  });

  test("shows cause and stack for debugging", () => {
    const error = new WaybillError("INTERNAL", { detail: "d" }, { cause: new Error("the disk is on fire") });
    expect(translateError(error, { colour: false, debug: true }).text).toContain("the disk is on fire");
  });
});
