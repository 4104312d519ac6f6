import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { program } from "../support/waybill.ts";
import { CrashProject, untilEnded } from "./support/crash-project.ts";
import { seededRandom } from "./support/seeded-random.ts";

/** Runs that are killed at random. `WAYBILL_CRASHES=1000` for a long night; `WAYBILL_CRASH_SEED` to see one again. */
const CRASHES = Number(process.env["WAYBILL_CRASHES"] ?? 25);
const SEED = Number(process.env["WAYBILL_CRASH_SEED"] ?? Date.now() % 1_000_000);

/** Several at a time: most of a resumed run is spent waiting. */
const AT_ONCE = 5;

/** A little longer than a run takes that nobody disturbs. */
const LONGEST_MS = 2500;

test(`runs killed at any instant, once or several times, end as if nothing had happened (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const trials = Array.from({ length: CRASHES }, () => Array.from({ length: 1 + Math.floor(random() * 3) }, random));
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let delays = trials.pop(); delays !== undefined; delays = trials.pop()) {
        await crash(delays.map((share) => share * LONGEST_MS));
      }
    }),
  );
});

/** Kills the run after each of the delays, resumes it in between, and then lets it end. */
async function crash(delays: readonly number[]): Promise<void> {
  const project = await CrashProject.create();
  const start = async (): Promise<string[]> =>
    (await project.hasRun()) ? ["run", "--resume", "1", "--json"] : ["run", "--json"];
  for (const delay of delays) {
    const child = project.spawn([program, ...(await start())]);
    const ended = untilEnded(child);
    await Promise.race([setTimeout(delay), ended]);
    child.kill("SIGKILL");
    await ended;
  }
  const { exitCode, stderr } = await untilEnded(project.spawn([program, ...(await start())]));
  // It may have ended before it was killed.
  if (stderr.includes("RUN_OVER")) expect(exitCode).toBe(2);
  else expect([exitCode, stderr]).toEqual([0, ""]);
  await project.expectWhole();
}
