import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { spawnCli } from "../../testing/spawn-cli.ts";

test("waybill schema prints the published schema", async () => {
  const { exitCode, stdout, stderr } = await spawnCli(["schema"], { cwd: "/" });
  expect([exitCode, stderr]).toEqual([0, ""]);
  const published = await readFile(join(import.meta.dirname, "../../../../../schema/waybill.schema.json"), "utf8");
  expect(JSON.parse(stdout)).toEqual(JSON.parse(published));
});
