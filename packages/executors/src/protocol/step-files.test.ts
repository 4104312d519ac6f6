import { NO_OUTPUT, type StepSpec } from "@waybill/engine";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OutputFile } from "./output-file.ts";
import { shellQuote } from "./shell-quote.ts";
import { renderEnvironment, renderScript, reopensOutput } from "./step-files.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-step-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function stepOf(changes: Partial<StepSpec>): StepSpec {
  const fixed = { index: 0, attempt: 1, name: "step", image: null, workingDirectory: "/workspace" };
  return { ...fixed, script: [], environment: {}, ...changes };
}

/** Any text a shell can hold, with what shells find special in abundance. */
const shellText = fc
  .array(
    fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("'", '"', "\\", "$", "`", "\n", "!", "*", " ", "-n")),
  )
  .map((parts) => parts.join("").replaceAll("\0", ""));

describe("the environment of a step", () => {
  it("reaches a program to the letter, whatever the values are", () => {
    fc.assert(
      fc.property(fc.array(shellText, { minLength: 1, maxLength: 20 }), (values) => {
        const environment = Object.fromEntries(values.map((value, i) => [`V_${i}`, value]));
        writeFileSync(join(root, "env"), renderEnvironment("step", environment));
        const printed = execFileSync("/bin/sh", ["-c", ". ./env; exec env -0"], { cwd: root, encoding: "utf8" });
        for (const [name, value] of Object.entries(environment)) {
          expect(printed.split("\0")).toContain(`${name}=${value}`.toWellFormed());
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is quoted as one word", () => {
    fc.assert(
      fc.property(shellText, (text) => {
        const printed = spawnSync("/bin/sh", ["-c", `printf %s ${shellQuote(text)}`], { encoding: "utf8" });
        expect(printed.stdout).toBe(text.toWellFormed());
      }),
      { numRuns: 40 },
    );
  });
});

describe("the script of a step", () => {
  function run(...script: string[]): { stdout: string; status: number | null } {
    writeFileSync(join(root, "0-1.sh"), renderScript(stepOf({ script }), root));
    return spawnSync("/bin/sh", ["-c", '. "./$1.sh"', "sh", "0-1"], { cwd: root, encoding: "utf8" });
  }

  it.each([
    ["a failing command", ["echo 1", "exit 4", "echo 2"], "1\n", 4],
    ["a command that returns a status", ["echo 1", "(exit 5)", "echo 2"], "1\n", 5],
    ["the left side of &&", ["false && true", "echo 2"], "", 1],
    ["the last side of ||", ["false || (exit 6)", "echo 2"], "", 6],
    ["a line within a block", ["echo 1\nfalse\necho 2", "echo 3"], "1\n", 1],
    ["a command that is not there", ["no-such-command-here", "echo 2"], "", 127],
  ])("ends at %s", (_, script, stdout, status) => {
    expect(run(...script)).toMatchObject({ stdout, status });
  });

  it.each([
    ["a directory that was entered", ["cd /", "pwd"], "/\n"],
    ["a variable", ["A=1", 'echo "$A"'], "1\n"],
    ["a function", ["f() { echo called; }", "f"], "called\n"],
  ])("keeps %s for the next entry", (_, script, stdout) => {
    expect(run(...script)).toMatchObject({ stdout, status: 0 });
  });

  it.each([
    ["a backslash at the end", ["echo a \\", "echo b"], "a\nb\n"],
    ["a comment at the end", ["echo a # no", "echo b"], "a\nb\n"],
    ["a here-document", ["cat <<END\ntext\nEND", "echo b"], "text\nb\n"],
    ["an empty entry", ["", "echo b"], "b\n"],
    ["a condition that is false", ["if false; then echo a; fi", "echo b"], "b\n"],
    ["a failure that is expected", ["false || true", "! false", "echo b"], "b\n"],
  ])("is not confused by %s", (_, script, stdout) => {
    expect(run(...script)).toMatchObject({ stdout, status: 0 });
  });

  it("sees no arguments", () => {
    expect(run('echo "$#"').stdout).toBe("0\n");
  });

  it("refuses what a shell cannot read", () => {
    expect(() => run("echo \0")).toThrow(expect.objectContaining({ code: "EXECUTOR_INVALID_SCRIPT" }));
  });

  it.each([
    ["echo x >/dev/stderr", true],
    ["tee /dev/fd/2", true],
    ["echo x >/proc/self/fd/1", true],
    ["echo x >&2 2>/dev/null", false],
  ])("is known to open its output again: %s", (entry, expected) => {
    expect(reopensOutput(["true", entry])).toBe(expected);
  });
});

describe("output", () => {
  it("taken up at any offset is exactly the rest", async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 40_000 }), fc.nat(), async (bytes, seed) => {
      const path = join(root, "out");
      writeFileSync(path, bytes);
      const from = bytes.length === 0 ? 0 : seed % (bytes.length + 1);
      const file = new OutputFile(path, from);
      const chunks: Buffer[] = [];
      const size = file.size();
      for (let data = await file.read(size); data !== null; data = await file.read(size)) chunks.push(data);
      expect(Buffer.concat(chunks).equals(bytes.subarray(from))).toBe(true);
      expect(file.offset).toBe(bytes.length);
      file.close();
    });
    await fc.assert(property, { numRuns: 50 });
  });

  it("goes on where a program emptied its own file", async () => {
    const path = join(root, "out");
    const file = new OutputFile(path, NO_OUTPUT.stdout);
    writeFileSync(path, "before");
    expect((await file.read(file.size()))?.toString()).toBe("before");
    writeFileSync(path, "new");
    expect((await file.read(file.size()))?.toString()).toBe("new");
    expect(file.offset).toBe(9);
    file.close();
  });

  it("of a file that is not there yet is empty", async () => {
    const file = new OutputFile(join(root, "missing"), 0);
    expect(file.size()).toBe(0);
    expect(await file.read(100)).toBeNull();
  });
});
