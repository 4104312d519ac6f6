import { setTimeout } from "node:timers/promises";
import { test } from "vitest";
import { describeExecutor } from "../support/describe-executor.ts";
import type { ExecutorName } from "../support/executors.ts";
import { CHOSEN, SEED } from "./support/choice.ts";
import { untilEnded } from "./support/crash-project.ts";
import { openCrashProject } from "./support/open-crash-project.ts";
import { seededRandom } from "./support/seeded-random.ts";

const CRASHES = Number(process.env["WAYBILL_CRASHES"] ?? 4);
const AT_ONCE = 4;
const LIMIT_MS = 3_600_000;
const LONGEST_MS: Readonly<Record<ExecutorName, number>> = { process: 2000, sandbox: 2500, docker: 5000 };

for (const executor of CHOSEN) {
  describeExecutor(executor, "a run that was killed and is given up", () => {
    test(`is cancelled as a whole and leaves nothing (seed ${SEED})`, { timeout: LIMIT_MS }, async () => {
      const random = seededRandom(SEED);
      const trials = Array.from({ length: CRASHES }, random);
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let share = trials.pop(); share !== undefined; share = trials.pop()) await giveUp(executor, share);
        }),
      );
    });
  });
}

async function giveUp(executor: ExecutorName, share: number): Promise<void> {
  const project = await openCrashProject(executor);
  const delay = share * LONGEST_MS[executor];
  const child = await project.carryOn();
  const ended = untilEnded(child);
  await Promise.race([setTimeout(delay), ended]);
  child.kill("SIGKILL");
  await ended;
  try {
    await project.cancel();
    await project.checkEnded();
  } catch (error) {
    throw new Error(`${executor}, killed after ${delay} ms: ${String(error)}`, { cause: error });
  }
}
