import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { safeLine, safeName } from "./safe-line.ts";

const ESC = "\u001b";

describe("a line of a job's output", () => {
  test("without control characters stays as it is", () => {
    expect(safeLine("  10 tests\tpassed ✓", false)).toBe("  10 tests\tpassed ✓");
  });

  test.each([
    ["clearing the screen", `${ESC}[2Jgone`, "gone"],
    ["moving the cursor", `a${ESC}[3A${ESC}[Gb`, "ab"],
    ["setting the title", `a${ESC}]0;owned\u0007b`, "ab"],
    ["setting the title, ended by ST", `a${ESC}]0;owned${ESC}\\b`, "ab"],
    ["a string that never ends", `a${ESC}]0;owned`, "a"],
    ["one-byte sequences", "a\u009b2Jb", "ab"],
    ["a bell and a backspace", "a\u0007\bb", "ab"],
    ["a lone escape at the end", `a${ESC}`, "a"],
    ["resetting the terminal", `a${ESC}cb`, "ab"],
  ])("loses %s", (_what, line, shown) => {
    expect(safeLine(line, true)).toBe(shown);
  });

  test("that overwrites itself shows what came last", () => {
    expect(safeLine("10%\r50%\r100%\r", false)).toBe("100%");
  });

  test("keeps its colours where there are colours, and closes them", () => {
    expect(safeLine(`${ESC}[31mred`, true)).toBe(`${ESC}[31mred${ESC}[0m`);
  });

  test("loses its colours elsewhere", () => {
    expect(safeLine(`${ESC}[1;31mred${ESC}[0m`, false)).toBe("red");
  });

  test("never has a control character left but a tab, whatever it held", () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        ESC,
        "[",
        "]",
        "\u009b",
        "\u009d",
        "\r",
        "\n",
        "\u0007",
        "\\",
        "m",
        "2",
        ";",
        "J",
        "a",
        "é",
      ),
    });
    fc.assert(
      fc.property(nasty, (line) => {
        // oxlint-disable-next-line no-control-regex -- control characters are what this is about
        expect(safeLine(line, false)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

test("a name shows what it holds, on one line", () => {
  expect(safeName(`a${ESC}[2J\r\nb\u202ec`)).toBe("a\\x1b[2J b\\u202ec");
});
