import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectFiles, repositoryRoot } from "../support/repository.ts";
import {
  arrowConstants,
  fileLengths,
  focusedOrSkippedTests,
  lockedRegistries,
  machinePaths,
  shellStrings,
} from "./repository-rules.ts";

const TEXT = /\.(?:ts|tsx|md|json|ya?ml|sh)$|^(?:script|\.ci)\/[^.]+$/;
/** Files whose subject is what the rules forbid. */
const THE_RULES = "test/architecture/";

const files = projectFiles()
  .filter((path) => TEXT.test(path))
  .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), "utf8") }));
const code = files.filter(({ path }) => /\.tsx?$/.test(path) && !path.startsWith(THE_RULES));
const production = code.filter(({ path }) => !path.endsWith(".test.ts"));
const workspaces = ["packages", "apps"].flatMap((folder) =>
  readdirSync(join(repositoryRoot, folder)).map((name) => `${folder}/${name}`),
);

describe("repository", () => {
  test("no file is over 800 lines", () => {
    const { long, tooLong } = fileLengths(code);
    if (long.length > 0) console.log(["Over 400 lines, can they be split?", ...long].join("\n  "));
    expect(tooLong).toEqual([]);
  });

  test("no program is started through a shell line", () => {
    expect(shellStrings(production)).toEqual([]);
  });

  test("functions are declarations", () => {
    expect(arrowConstants(production)).toEqual([]);
  });

  test("no file names a directory of one machine", () => {
    expect(machinePaths(files.filter(({ path }) => !path.startsWith(THE_RULES)))).toEqual([]);
  });

  test("no lock file names a registry", () => {
    const locks = files.filter(({ path }) => path.endsWith("package-lock.json"));
    expect(locks.length).toBeGreaterThan(1);
    expect(lockedRegistries(locks)).toEqual([]);
  });

  test("no test is left out", () => {
    const tests = code.filter(({ path }) => path.endsWith(".test.ts"));
    expect(focusedOrSkippedTests(tests)).toEqual([]);
  });

  test.each(workspaces)("%s has a README.md", (folder) => {
    expect(existsSync(join(repositoryRoot, folder, "README.md"))).toBe(true);
  });

  test.each(workspaces.filter((folder) => folder.startsWith("packages/")))("%s has an index.ts", (folder) => {
    expect(existsSync(join(repositoryRoot, folder, "src/index.ts"))).toBe(true);
  });
});

describe("the rules notice", () => {
  function file(text: string): { path: string; text: string }[] {
    return [{ path: "a.ts", text }];
  }

  test("long files", () => {
    expect(fileLengths(file("x\n".repeat(401)))).toEqual({ long: ["a.ts: 401 lines"], tooLong: [] });
    expect(fileLengths(file("x\n".repeat(801))).tooLong).toEqual(["a.ts: 801 lines"]);
    expect(fileLengths(file("x\n".repeat(400))).long).toEqual([]);
  });

  test.each(['spawn("ls", { shell: true })', 'spawn(a, b, { shell: "/bin/bash" })', 'childProcess.exec("ls")'])(
    "a shell line: %s",
    (text) => expect(shellStrings(file(text))).toHaveLength(1),
  );

  test.each(["spawn(a, b, { shell: false })", "interface Host { shell: string }", "const match = pattern.exec(text);"])(
    "no shell line in: %s",
    (text) => {
      expect(shellStrings(file(text))).toEqual([]);
    },
  );

  test.each(["const f = () => 1;", "export const f = async (a: A): Promise<B> => {", "const f = x => x;"])(
    "a function that is a constant: %s",
    (text) => expect(arrowConstants(file(text))).toHaveLength(1),
  );

  test.each(["const clock: Clock = { now: () => 0 };", "  const inner = () => 1;", "const x = list.map((y) => y);"])(
    "no function that is a constant in: %s",
    (text) => expect(arrowConstants(file(text))).toEqual([]),
  );

  test.each(["see /home/ann/x", '"/Users/ann"', "cd /work/ann"])("a machine's directory: %s", (text) => {
    expect(machinePaths(file(text))).toEqual(["a.ts:1: names a directory of one machine"]);
  });

  test.each(["/workspace/out", "a/home/b", "${HOME}/root/x", "https://example.org/home"])(
    "no machine's directory in: %s",
    (text) => expect(machinePaths(file(text))).toEqual([]),
  );

  test("no machine's directory in the home directory of a test", () => {
    expect(machinePaths([{ path: "a.test.ts", text: "HOME=/home/ann" }])).toEqual([]);
  });

  test("a registry in a lock file", () => {
    expect(lockedRegistries(file('"resolved": "https://registry.example/x.tgz"'))).toHaveLength(1);
    expect(lockedRegistries(file('"resolved": "packages/core"'))).toEqual([]);
  });

  test.each(["test.only(", "describe.skip(", "it.concurrent.only(", "test.todo("])("a test left out: %s", (text) => {
    expect(focusedOrSkippedTests(file(text))).toHaveLength(1);
  });
});
