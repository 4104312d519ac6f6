import { expect, test } from "vitest";
import { createStyle, wantsColour } from "./style.ts";

const terminal = { isTTY: true };
const pipe = {};

test.each([
  ["a terminal", terminal, {}, true],
  ["a pipe", pipe, {}, false],
  ["a dumb terminal", terminal, { TERM: "dumb" }, false],
  ["a terminal with NO_COLOR", terminal, { NO_COLOR: "1" }, false],
  ["a terminal with an empty NO_COLOR", terminal, { NO_COLOR: "" }, true],
  ["a pipe with FORCE_COLOR", pipe, { FORCE_COLOR: "1" }, true],
  ["a terminal with FORCE_COLOR=0", terminal, { FORCE_COLOR: "0" }, false],
  ["a pipe with both", pipe, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
] as const)("%s: %s %s -> colours %s", (_name, stream, env, colour) => {
  expect(wantsColour(stream, env)).toBe(colour);
});

test("a style without colour leaves text alone", () => {
  expect(createStyle(false).paint(["red", "bold"], "text")).toBe("text");
});

test("a style with colour does not look at the process's own terminal", () => {
  expect(createStyle(true).paint("red", "text")).toBe("\u001b[31mtext\u001b[39m");
});
