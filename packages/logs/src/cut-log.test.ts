import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cutLog } from "./cut-log.ts";
import { openLogStore } from "./file-log-store.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "waybill-logs-"));
});

afterEach(() => rm(root, { recursive: true }));

async function write(...lines: readonly string[]): Promise<void> {
  const writer = openLogStore(root).write("run-1", "build");
  writer.append(lines.map((text) => ({ time: 1, stream: "stdout", step: 0, attempt: 1, sourceOffset: 0, text })));
  await writer.close();
}

async function kept(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { text } of openLogStore(root).read("run-1", "build")) found.push(text);
  return found;
}

test.each([
  [0, []],
  [2, ["a", "b"]],
  [3, ["a", "b", "c"]],
  [9, ["a", "b", "c"]],
])("a log that is cut behind %i lines has those, and is gone on with", async (lines, left) => {
  await write("a", "b", "c");
  await cutLog(root, "run-1", "build", lines);
  expect(await kept()).toEqual(left);
  await write("d");
  expect(await kept()).toEqual([...left, "d"]);
});

test("a log that was never written can be cut", async () => {
  await cutLog(root, "run-1", "build", 0);
  expect(await kept()).toEqual([]);
});
