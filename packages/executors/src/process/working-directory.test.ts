import type { StepSpec } from "@waybill/engine";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { resolveWorkingDirectory } from "./working-directory.ts";

let root: string;
let workspace: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-directory-")));
  workspace = join(root, "workspace");
  mkdirSync(join(workspace, "a/b"), { recursive: true });
  symlinkSync("a/b", join(workspace, "inside"));
  symlinkSync("..", join(workspace, "outside"));
  writeFileSync(join(workspace, "file"), "");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function resolve(workingDirectory: string): string {
  const step: StepSpec = {
    index: 0,
    attempt: 1,
    name: "step",
    script: [],
    image: null,
    environment: {},
    workingDirectory,
  };
  return resolveWorkingDirectory(step, workspace);
}

it.each([
  ["/workspace", ""],
  ["/workspace/", ""],
  ["/workspace/a", "/a"],
  ["/workspace/a/../a/b", "/a/b"],
  ["", ""],
  [".", ""],
  ["a/b", "/a/b"],
  ["./a/", "/a/"],
  ["inside", "/inside"],
])("takes %j for a place in the workspace", (wanted, expected) => {
  expect(resolve(wanted)).toBe(workspace + expected);
});

it.each(["/", "/usr"])("takes %j for the host's own", (wanted) => {
  expect(resolve(wanted)).toBe(wanted);
});

it.each(["..", "a/../..", "outside"])("refuses %j, which leaves the workspace", (wanted) => {
  expect(() => resolve(wanted)).toThrow(expect.objectContaining({ code: "EXECUTOR_WORKING_DIRECTORY_OUTSIDE" }));
});

it.each(["missing", "file", "/no/such/folder", "a\0b"])("refuses %j, which is no directory", (wanted) => {
  expect(() => resolve(wanted)).toThrow(expect.objectContaining({ code: "EXECUTOR_WORKING_DIRECTORY_MISSING" }));
});
