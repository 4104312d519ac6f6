import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { claimFile } from "./claim-file.ts";

async function claimPath(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "waybill-claim-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return join(directory, "claims", "run-1");
}

test("a claim is one process's at a time, and the next one's when it is released", async () => {
  const path = await claimPath();
  const claim = await claimFile(path);
  expect(await claimFile(path)).toBeNull();
  await claim?.release(false);
  expect(existsSync(path)).toBe(true);
  expect(await claimFile(path)).not.toBeNull();
});

test("of those who try while a claim is given up with its file, one gets the next claim", async () => {
  const path = await claimPath();
  for (let round = 0; round < 50; round += 1) {
    const first = await claimFile(path);
    // Each of them may have opened the file that is removed under it.
    const others = Array.from({ length: 4 }, () => claimFile(path));
    await first?.release(true);
    const claims = (await Promise.all([...others, claimFile(path)])).filter((claim) => claim !== null);
    expect(claims.length).toBeLessThanOrEqual(1);
    const held = claims[0] ?? (await claimFile(path));
    expect(existsSync(path)).toBe(true);
    expect(await claimFile(path)).toBeNull();
    await held?.release(true);
  }
});
