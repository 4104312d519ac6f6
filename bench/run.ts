// `waybill run` on trivial jobs, stored durably, against a bare loop of spawn("sh") at the same concurrency.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { trivialPipeline } from "./lib/pipelines.ts";
import { inTurn, median, printHeader, printRatio } from "./lib/statistics.ts";

const CONCURRENCY = 10;
const waybill = resolve(import.meta.dirname, "../script/waybill");

/** Milliseconds of a whole `waybill run`, from the start of the command to its end, in a fresh project. */
function waybillRun(
  jobs: number,
  shape: "independent" | "chain",
  wrapper: readonly string[] = [],
): { ms: number; stderr: string } {
  const directory = mkdtempSync(join(tmpdir(), "waybill-bench-"));
  try {
    writeFileSync(join(directory, "waybill.yaml"), trivialPipeline(jobs, shape));
    const [command, ...args] = [
      ...wrapper,
      waybill,
      "run",
      "--json",
      "--executor",
      "process",
      "--concurrency",
      String(CONCURRENCY),
    ];
    const start = performance.now();
    const result = spawnSync(command, args, { cwd: directory, encoding: "utf8", maxBuffer: 1 << 28 });
    const ms = performance.now() - start;
    if (result.status !== 0) throw new Error(result.stderr);
    return { ms, stderr: result.stderr };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function bareLoop(count: number, concurrency: number): Promise<number> {
  const start = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next++ < count) {
      await new Promise((done) => spawn("sh", ["-c", "true"], { stdio: ["ignore", "pipe", "pipe"] }).on("close", done));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return performance.now() - start;
}

printHeader();
await bareLoop(200, CONCURRENCY);
const wide = await inTurn(
  5,
  () => waybillRun(1000, "independent").ms,
  () => bareLoop(1000, CONCURRENCY),
);
printRatio("1,000 independent jobs, 10 at once / bare loop", wide.subject, wide.baseline, "2.5x or less");

const chain = await inTurn(
  5,
  () => waybillRun(100, "chain").ms,
  () => bareLoop(100, 1),
);
printRatio("a chain of 100 jobs / bare loop one by one", chain.subject, chain.baseline, "10 ms a job or less");
process.stdout.write(
  `  ${(median(chain.subject) / 100).toFixed(2)} ms a job of the chain, start of the command included\n`,
);

const timed = waybillRun(1000, "independent", ["/usr/bin/env", "time", "-f", "peak %M KiB"]);
process.stdout.write(
  `  ${/peak \d+ KiB/.exec(timed.stderr)?.[0] ?? "peak memory unknown (no `time` program)"} for 1,000 jobs; wanted: 153600 KiB or less\n`,
);
