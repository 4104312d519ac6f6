import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { summarizeTests, summaryLine, type TestSummary } from "./test-summary.ts";

/**
 * The phases of script/test. Each one runs whatever became of those before it: one run tells everything that is wrong.
 */

const root = join(import.meta.dirname, "../..");
const reportPath = join(root, ".cache/test-report.json");
const patterns = process.argv.slice(2);

interface PhaseResult {
  readonly name: string;
  readonly exitCode: number;
  readonly seconds: number;
}

async function runPhase(name: string, command: readonly [string, ...string[]]): Promise<PhaseResult> {
  console.log(`\n=== ${name}`);
  const startedAt = performance.now();
  const child = spawn(command[0], command.slice(1), { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { name, exitCode: exitCode ?? 1, seconds: (performance.now() - startedAt) / 1000 };
}

async function readReport(): Promise<unknown> {
  try {
    return JSON.parse(await readFile(reportPath, "utf8"));
  } catch {
    return null;
  }
}

/** Runs both Vitest projects. The report of an earlier run is removed first, so that it is never taken for this one. */
async function runTests(): Promise<{ readonly phase: PhaseResult; readonly summary: TestSummary }> {
  await mkdir(join(root, ".cache"), { recursive: true });
  await rm(reportPath, { force: true });
  const phase = await runPhase("tests", [
    "node_modules/.bin/vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${reportPath}`,
    ...patterns,
  ]);
  return { phase, summary: summarizeTests(await readReport(), phase.exitCode) };
}

const checks: PhaseResult[] = [];
if (patterns.length === 0) {
  checks.push(
    await runPhase("format", ["node_modules/.bin/prettier", "--check", "--log-level", "warn", "."]),
    await runPhase("lint", ["script/lint"]),
    await runPhase("types", ["node_modules/.bin/tsc", "--noEmit"]),
    await runPhase("types of the pages", ["node_modules/.bin/tsc", "--noEmit", "-p", "apps/web"]),
  );
}
checks.push(await runPhase("build", [process.execPath, "script/build.ts"]));
const { phase: tests, summary } = await runTests();

console.log("\n=== summary");
for (const { name, exitCode, seconds } of [...checks, tests]) {
  console.log(`${exitCode === 0 ? "ok    " : "FAILED"}  ${name.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s`);
}
if (summary.failedNames.length > 0) console.log(["", "Failed:", ...summary.failedNames].join("\n  "));
if (summary.skippedNames.length > 0) console.log(["", "Not run:", ...summary.skippedNames].join("\n  "));
console.log();

const failedChecks = checks.filter((check) => check.exitCode !== 0).length;
console.log(summaryLine(summary, failedChecks));
process.exitCode = failedChecks + summary.failed > 0 ? 1 : 0;
