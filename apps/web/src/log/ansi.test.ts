import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAnsi, plainText, shownPart } from "./ansi.ts";

const E = "\u001B";

describe("lines of a log", () => {
  test.each([
    ["plain", "plain", [{ text: "plain", style: {} }]],
    [
      "colours",
      `a ${E}[31mred${E}[0m b`,
      [
        { text: "a ", style: {} },
        { text: "red", style: { colour: 1 } },
        { text: " b", style: {} },
      ],
    ],
    [
      "bold and bright",
      `${E}[1;92mok${E}[39;22m.`,
      [
        { text: "ok", style: { isBold: true, colour: 2 } },
        { text: ".", style: { isBold: false, isDim: false } },
      ],
    ],
    ["256 colours", `${E}[38;5;208mx`, [{ text: "x", style: { colour: "#ff8700" } }]],
    ["all colours", `${E}[38;2;1;2;300mx`, [{ text: "x", style: { colour: "#0102ff" } }]],
    ["grounds are left out", `${E}[48;5;20;32mx`, [{ text: "x", style: { colour: 2 } }]],
    ["cursor and title", `${E}[2K${E}]0;title\u0007x${E}[1A`, [{ text: "x", style: {} }]],
    ["HTML is text", "<b>&amp;", [{ text: "<b>&amp;", style: {} }]],
  ])("%s", (_, line, spans) => expect(parseAnsi(line)).toEqual(spans));

  test("a progress bar shows its last state", () => {
    expect(shownPart("10%\r50%\r100%\r")).toBe("100%");
    expect(plainText(`10%\r${E}[2K50%\u0007`)).toBe("50%");
  });

  test("nothing of a sequence is shown, whatever is printed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(`${E}[`, "38;5;", "m", "\r", E, "31m", `${E}]`))),
        (parts) => {
          const spans = parseAnsi(parts.join(""));
          for (const { text, style } of spans) {
            // eslint-disable-next-line no-control-regex -- what must not be there
            expect(text.replaceAll(E, "")).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/);
            if (typeof style.colour === "string") expect(style.colour).toMatch(/^#[0-9a-f]{6}$/);
          }
        },
      ),
    );
  });
});
