/**
 * The way of a step's output: one step that prints 1,000,000 lines, through the real executor, 20 secrets masked in all
 * their forms, kept in the log with its index, and printed to a file by `waybill run`; against a shell that runs the
 * same step into a file, and `cat`, which copies that to another. Then the same with `--json` to /dev/null, reading the
 * log again, and the memory of a step that prints 1 GiB.
 *
 *     node bench/logs.ts [rounds] [MiB of the large step]
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { secretLog, secrets } from "./lib/secret-log.ts";
import { inTurn, median, printHeader, printRatio } from "./lib/statistics.ts";

const LINES = 1_000_000;
const rounds = Number(process.argv[2] ?? 5);
const largeMebibytes = Number(process.argv[3] ?? 1024);

// The built program itself: a wrapper script would be part of what is measured.
const program = resolve(import.meta.dirname, "../apps/cli/dist/waybill.js");
const directory = mkdtempSync(join(tmpdir(), "waybill-bench-"));
const state = join(directory, ".waybill");

function path(name: string): string {
  return join(directory, name);
}

function run(command: string, args: readonly string[], output = path("printed")): { ms: number; stderr: string } {
  const descriptor = openSync(output, "w");
  const start = performance.now();
  const result = spawnSync(command, args, { cwd: directory, stdio: ["ignore", descriptor, "pipe"], encoding: "utf8" });
  const ms = performance.now() - start;
  closeSync(descriptor);
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${result.stderr}`);
  return { ms, stderr: result.stderr };
}

function waybill(...args: readonly string[]): number {
  return run(process.execPath, ["--", program, ...args], args.includes("--json") ? "/dev/null" : undefined).ms;
}

/** A run with nothing before it, whose files are removed when the clock has stopped. */
function freshRun(...args: readonly string[]): number {
  rmSync(state, { recursive: true, force: true });
  return waybill("run", "--executor", "process", "--secrets", "secrets", ...args);
}

function writePipeline(script: string): void {
  const steps = `[{ name: print, script: [${JSON.stringify(script)}] }]`;
  writeFileSync(path("waybill.yaml"), `name: bench\njobs:\n  print: { steps: ${steps} }\n`);
}

function perSecond(ms: number): string {
  return `${Math.round(LINES / (ms / 1000)).toLocaleString("en")} lines/s`;
}

try {
  const log = secretLog(LINES);
  writeFileSync(path("lines"), log);
  writeFileSync(path("secrets"), secrets.join("\n"), { mode: 0o600 });
  // The project is copied for each job: what the step prints must not be part of it.
  writeFileSync(path(".gitignore"), "*\n");
  spawnSync("git", ["init", "-q"], { cwd: directory });
  const print = `cat '${path("lines")}'`;
  writePipeline(print);

  printHeader();
  const bare = (): number => run("sh", ["-c", print], path("kept")).ms + run("cat", [path("kept")]).ms;
  const plain = await inTurn(rounds, () => freshRun(), bare);
  printRatio("1,000,000 lines: waybill run > file / sh, cat", plain.subject, plain.baseline, "5 s or less");
  const json = await inTurn(rounds, () => freshRun("--json"), bare);
  printRatio("the same, --json > /dev/null", json.subject, json.baseline, "5 s or less");
  process.stdout.write(`  ${perSecond(median(plain.subject))}, ${perSecond(median(json.subject))} with --json\n`);

  const cat = (): number => run("cat", [path("kept")]).ms;
  const reading: readonly (readonly [string, readonly string[]])[] = [
    ["waybill logs / cat", []],
    ["waybill logs --grep / cat", ["--grep", "of 5[0-9]{4} in (3|4) ms$"]],
    ["waybill logs --tail 10 / cat", ["--tail", "10"]],
  ];
  for (const [name, args] of reading) {
    const times = await inTurn(rounds, () => waybill("logs", "latest", "print", ...args), cat);
    printRatio(name, times.subject, times.baseline, "");
  }
  if (!readFileSync(path("printed"), "utf8").includes("of 999999 in")) throw new Error("the last line is missing");

  for (const times of [1, Math.ceil((largeMebibytes * 1024 * 1024) / log.length)]) {
    writePipeline(Array.from({ length: times }, () => print).join("; "));
    rmSync(state, { recursive: true, force: true });
    const command = [
      "time",
      "-f",
      "peak %M KiB",
      process.execPath,
      "--",
      program,
      "run",
      "--executor",
      "process",
      "--secrets",
      "secrets",
    ];
    const { ms, stderr } = run("env", command);
    const peak = /peak (\d+) KiB/.exec(stderr)?.[1];
    const mebibytes = Math.round((times * log.length) / 1024 / 1024);
    const memory = peak === undefined ? "unknown (no `time` program)" : `${Math.round(Number(peak) / 1024)} MiB`;
    process.stdout.write(`  a step of ${mebibytes} MiB: ${(ms / 1000).toFixed(1)} s, peak memory ${memory}\n`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
