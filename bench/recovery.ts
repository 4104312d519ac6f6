/*
 * A run of 1,000 jobs whose process was killed just after it began, taken up again: from the start of the command to
 * the first thing it schedules. Against the same on a run of one job, so what is left is the price of the jobs.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { inTurn, median, printHeader, printRatio } from "./lib/statistics.ts";

const waybill = resolve(import.meta.dirname, "../script/waybill");

/** The first job is left running, every other one waits for its turn: none of them has settled. */
function pipeline(jobs: number): string {
  const lines = ["name: bench", "jobs:"];
  for (let index = 0; index < jobs; index++) {
    lines.push(
      `  job-${index}:`,
      "    steps:",
      "      - name: wait",
      `        script: ["sleep ${index === 0 ? 1 : 0}"]`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Milliseconds from the start of `waybill run --resume` to the first event that tells of a job. */
async function recover(jobs: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "waybill-bench-"));
  try {
    writeFileSync(join(directory, "waybill.yaml"), pipeline(jobs));
    await kill(await untilEvent(run(directory, []), "step.started"));
    const start = performance.now();
    const resumed = await untilEvent(run(directory, ["--resume", "1"]), "run.resumed");
    const ms = performance.now() - start;
    await kill(resumed);
    spawnSync(waybill, ["cancel", "1"], { cwd: directory });
    return ms;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(cwd: string, args: readonly string[]): ReturnType<typeof spawn> {
  const all = ["run", "--json", "--executor", "process", "--concurrency", "1", ...args];
  // A group of its own: the command is a script that starts the program.
  return spawn(waybill, all, { cwd, detached: true, stdio: ["ignore", "pipe", "inherit"] });
}

async function untilEvent(child: ReturnType<typeof spawn>, type: string): Promise<ReturnType<typeof spawn>> {
  if (child.stdout === null) throw new Error("the run has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    if ((JSON.parse(line) as { type: string }).type === type) return child;
  }
  throw new Error(`the run ended without ${type}`);
}

async function kill(child: ReturnType<typeof spawn>): Promise<void> {
  const exited = once(child, "exit");
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await exited;
}

await recover(1);
printHeader();
const times = await inTurn(
  7,
  () => recover(1000),
  () => recover(1),
);
printRatio("1,000 unfinished jobs taken up / one", times.subject, times.baseline, "under 1 s");
process.stdout.write(
  `  ${(median(times.subject) - median(times.baseline)).toFixed(0)} ms for 999 jobs, start of the command left out\n`,
);
