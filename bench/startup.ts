// `waybill plan` as a command, against the smallest Node process there is.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ordinaryPipeline } from "./lib/pipelines.ts";
import { inTurn, printHeader, printRatio } from "./lib/statistics.ts";

const waybill = resolve(import.meta.dirname, "../script/waybill");
const directory = mkdtempSync(join(tmpdir(), "waybill-bench-"));
writeFileSync(join(directory, "waybill.yaml"), ordinaryPipeline(20));

function run(command: string, args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, { cwd: directory, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return performance.now() - start;
}

try {
  for (let warm = 0; warm < 3; warm++) run(waybill, ["plan"]);
  const times = await inTurn(
    21,
    () => run(waybill, ["plan"]),
    () => run(process.execPath, ["-e", "0"]),
  );
  printHeader();
  printRatio("waybill plan (20 jobs) / node -e 0", times.subject, times.baseline, "3x or less");
} finally {
  rmSync(directory, { recursive: true, force: true });
}
