import { setTimeout } from "node:timers/promises";
import { test } from "vitest";
import { describeExecutor } from "../support/describe-executor.ts";
import type { ExecutorName } from "../support/executors.ts";
import { CHOSEN, SEED } from "./support/choice.ts";
import { untilEnded } from "./support/crash-project.ts";
import { openCrashProject } from "./support/open-crash-project.ts";
import { seededRandom } from "./support/seeded-random.ts";

/** Runs that are killed at random. `WAYBILL_CRASHES=1000` for a long night; `WAYBILL_CRASH_SEED` to see one again. */
const CRASHES = process.env["WAYBILL_CRASHES"];
const DEFAULT_CRASHES: Readonly<Record<ExecutorName, number>> = { process: 25, sandbox: 12, docker: 8 };

/** Several at a time: most of a resumed run is spent waiting. */
const AT_ONCE = 5;
const LIMIT_MS = 3_600_000;

/** A little longer than a run takes that nobody disturbs. */
const LONGEST_MS: Readonly<Record<ExecutorName, number>> = { process: 2500, sandbox: 3000, docker: 6000 };

for (const executor of CHOSEN) {
  describeExecutor(executor, "runs killed at any instant, once or several times", () => {
    test(`end as if nothing had happened (seed ${SEED})`, { timeout: LIMIT_MS }, async () => {
      const random = seededRandom(SEED);
      const count = Number(CRASHES ?? DEFAULT_CRASHES[executor]);
      const trials = Array.from({ length: count }, () => Array.from({ length: 1 + Math.floor(random() * 3) }, random));
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let trial = trials.pop(); trial !== undefined; trial = trials.pop()) {
            await crash(
              executor,
              trial.map((share) => share * LONGEST_MS[executor]),
            );
          }
        }),
      );
    });
  });
}

/** Kills the run after each of the delays, resumes it in between, and then lets it end. */
async function crash(executor: ExecutorName, delays: readonly number[]): Promise<void> {
  const project = await openCrashProject(executor);
  try {
    for (const delay of delays) {
      const child = await project.carryOn();
      const ended = untilEnded(child);
      await Promise.race([setTimeout(delay), ended]);
      child.kill("SIGKILL");
      await ended;
    }
    await project.finish();
    await project.checkWhole();
  } catch (error) {
    throw new Error(`${executor}, killed after ${delays.join(", ")} ms: ${String(error)}`, { cause: error });
  }
}
