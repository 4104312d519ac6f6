import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { SEED } from "./support/choice.ts";
import { untilEnded } from "./support/crash-project.ts";
import { openCrashProject } from "./support/open-crash-project.ts";
import { seededRandom } from "./support/seeded-random.ts";

const CRASHES = Number(process.env["WAYBILL_CRASHES"] ?? 6);
const AT_ONCE = 3;
const LONGEST_MS = 2500;

test(`runs whose clock is set by hours, while they go on and between a kill and a resume, end as others do (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const trials = Array.from({ length: CRASHES }, () => [random(), random()]);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let trial = trials.pop(); trial !== undefined; trial = trials.pop()) await crash(trial);
    }),
  );
});

async function crash(shares: readonly number[]): Promise<void> {
  const project = await openCrashProject("process", { clock: "wild" });
  for (const share of shares) {
    const child = project.dieAt("");
    const ended = untilEnded(child);
    await Promise.race([setTimeout(share * LONGEST_MS), ended]);
    child.kill("SIGKILL");
    await ended;
  }
  const { exitCode, stderr } = await untilEnded(project.dieAt(""));
  if (!stderr.includes("RUN_OVER")) expect([exitCode, stderr]).toEqual([0, ""]);
  await project.checkWhole();
}
