import { expect, test } from "vitest";
import { documentSteps, showsOutput } from "../support/console-blocks.ts";

test("a page's files and commands are found in order, with what the commands print", () => {
  const page = [
    "```yaml file=a.yaml",
    "name: a",
    "```",
    "```sh",
    "not for running",
    "```",
    "```console exit=2",
    "$ first",
    "one line",
    "$ second",
    "```",
  ];
  expect(documentSteps(page.join("\n"))).toEqual([
    { kind: "write", line: 1, path: "a.yaml", text: "name: a\n" },
    { kind: "run", line: 8, command: "first", shown: ["one line"], exitCode: 0 },
    { kind: "run", line: 10, command: "second", shown: [], exitCode: 2 },
  ]);
});

test.each([
  { shown: ["success in 3 ms"], printed: "success in 1.2 s\n", matches: true },
  { shown: ["success in 3 ms"], printed: "failed in 3 ms\n", matches: false },
  { shown: ["a", "…", "d"], printed: "a\nb\nc\nd\n", matches: true },
  { shown: ["a", "…", "d"], printed: "a\nb\nc\n", matches: false },
  { shown: ["a"], printed: "a\nb\n", matches: false },
  { shown: ["a.c"], printed: "abc\n", matches: false },
  { shown: ['{"time":"…","type":"x"}'], printed: '{"time":"12:00","type":"x"}\n', matches: true },
  { shown: ["build   success  12 ms"], printed: "build  success  1 ms\n", matches: true },
])("$shown shows $printed: $matches", ({ shown, printed, matches }) => {
  expect(showsOutput(shown, printed)).toBe(matches);
});

test("a block that is not closed is an error rather than the rest of the page", () => {
  expect(() => documentSteps("```console\n$ first")).toThrow("line 1");
});
