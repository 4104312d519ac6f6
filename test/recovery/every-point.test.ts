import { expect, test } from "vitest";
import { describeExecutor } from "../support/describe-executor.ts";
import type { ExecutorName } from "../support/executors.ts";
import { CHOSEN, SEED } from "./support/choice.ts";
import { untilEnded } from "./support/crash-project.ts";
import { openCrashProject } from "./support/open-crash-project.ts";
import { seededRandom } from "./support/seeded-random.ts";

/** Points tried; `WAYBILL_CRASH_POINTS=all` tries every one, in two minutes for processes and ten for docker. */
const POINTS = process.env["WAYBILL_CRASH_POINTS"];
const DEFAULT_POINTS: Readonly<Record<ExecutorName, number>> = { process: 16, sandbox: 8, docker: 8 };
const AT_ONCE = 4;
const LIMIT_MS = 3_600_000;

for (const executor of CHOSEN) {
  describeExecutor(executor, "a run that dies just before or behind what it does to the world", () => {
    test(`goes on from there (seed ${SEED})`, { timeout: LIMIT_MS }, async () => {
      const points = await pointsOfRun(executor);
      const chosen = POINTS === "all" ? points : someOf(points, Number(POINTS ?? DEFAULT_POINTS[executor]));
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let point = chosen.pop(); point !== undefined; point = chosen.pop()) await dieAt(executor, point);
        }),
      );
    });
  });
}

async function dieAt(executor: ExecutorName, point: string): Promise<void> {
  const project = await openCrashProject(executor);
  try {
    const { exitCode, stderr } = await untilEnded(project.dieAt(point));
    // Which of two jobs side by side comes first differs: a count may be one that this run did not reach.
    if (exitCode !== null) expect([exitCode, stderr]).toEqual([0, ""]);
    else await project.finish();
    await project.checkWhole();
  } catch (error) {
    throw new Error(`${executor}, ${point}: ${String(error)}`, { cause: error });
  }
}

/** Every call of a port that a run makes which is left alone, twice: before it and behind it. */
async function pointsOfRun(executor: ExecutorName): Promise<string[]> {
  const project = await openCrashProject(executor);
  const child = project.dieAt("");
  let calls = "";
  child.stdout?.on("data", (chunk: Buffer) => (calls += chunk.toString()));
  expect(await untilEnded(child)).toEqual({ exitCode: 0, stderr: "" });
  await project.checkWhole();
  return calls
    .trimEnd()
    .split("\n")
    .flatMap((call) => [`before ${call}`, `after ${call}`]);
}

/** Has gone wrong before: a place that was made for a workspace that is made anew. */
const ALWAYS = "after executor.submit 1";

function someOf(points: readonly string[], count: number): string[] {
  const random = seededRandom(SEED);
  const others = points.filter((point) => point !== ALWAYS);
  return [ALWAYS, ...shuffled(others, random).slice(0, count - 1)];
}

function shuffled(points: readonly string[], random: () => number): string[] {
  return points
    .map((point) => ({ point, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ point }) => point);
}
