import { join } from "node:path";
import { expect, test } from "vitest";
import { CrashProject, untilEnded } from "./support/crash-project.ts";
import { seededRandom } from "./support/seeded-random.ts";

/** Points tried; `WAYBILL_CRASH_POINTS=all` tries every one, in about two minutes. */
const POINTS = process.env["WAYBILL_CRASH_POINTS"] ?? "16";
const SEED = Number(process.env["WAYBILL_CRASH_SEED"] ?? Date.now() % 1_000_000);
const AT_ONCE = 4;
const PROGRAM = join(import.meta.dirname, "support/dying-run.ts");

test(`a run that dies just before or behind what it does to the world goes on from there (seed ${SEED})`, async () => {
  const points = await pointsOfRun();
  const chosen = POINTS === "all" ? points : someOf(points, Number(POINTS));
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let point = chosen.pop(); point !== undefined; point = chosen.pop()) await dieAt(point);
    }),
  );
});

async function dieAt(point: string): Promise<void> {
  const project = await CrashProject.create();
  const killed = await untilEnded(project.spawn([PROGRAM, point]));
  // Which of two jobs side by side comes first differs: a count may be one that this run did not reach.
  if (killed.exitCode !== null) expect(killed).toEqual({ exitCode: 0, stderr: "" });
  if (killed.exitCode === null) {
    const { exitCode, stderr } = await untilEnded(project.spawn([PROGRAM, "", "resume"]));
    if (!stderr.includes("RUN_OVER")) expect([point, exitCode, stderr]).toEqual([point, 0, ""]);
  }
  await project.expectWhole();
}

/** Every call of a port that a run makes which is left alone, twice: before it and behind it. */
async function pointsOfRun(): Promise<string[]> {
  const project = await CrashProject.create();
  const child = project.spawn([PROGRAM, ""]);
  let calls = "";
  child.stdout?.on("data", (chunk: Buffer) => (calls += chunk.toString()));
  expect(await untilEnded(child)).toEqual({ exitCode: 0, stderr: "" });
  await project.expectWhole();
  return calls
    .trimEnd()
    .split("\n")
    .flatMap((call) => [`before ${call}`, `after ${call}`]);
}

function someOf(points: readonly string[], count: number): string[] {
  const random = seededRandom(SEED);
  return points
    .map((point) => ({ point, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, count)
    .map(({ point }) => point);
}
