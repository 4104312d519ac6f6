import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sweepScratch } from "./sweep-scratch.ts";

test("removes what is old, and leaves other servers what they use", async () => {
  const directory = mkdtempSync(join(tmpdir(), "waybill-scratch-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const name of ["old", "young"]) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, "file"), "x");
  }
  const now = Date.now();
  const twoDaysAgo = now / 1000 - 2 * 86_400;
  utimesSync(join(directory, "old"), twoDaysAgo, twoDaysAgo);
  await sweepScratch(directory, now);
  expect(readdirSync(directory)).toEqual(["young"]);
});
