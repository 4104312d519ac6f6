import { openLogStore } from "@waybill/logs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { program, waybill, type CommandResult } from "../support/waybill.ts";
import { seededRandom } from "./support/seeded-random.ts";

/** Runs that are killed; `WAYBILL_CRASHES=200` for a long night, `WAYBILL_CRASH_SEED` to see one again. */
const CRASHES = Number(process.env["WAYBILL_CRASHES"] ?? 8);
const SEED = Number(process.env["WAYBILL_CRASH_SEED"] ?? Date.now() % 1_000_000);
const AT_ONCE = 4;

/** A little longer than the output takes. */
const LONGEST_MS = 1500;

/** The second one begins as the first ends, and has a line break in it. */
const SECRETS = { ONE: "abcabc-one", TWO: "one\ntwo-abc" };

const ROUNDS = 12;

/** Prints a few bytes at a time, so that a kill finds secrets, lines and progress bars begun and not ended. */
const PRINT = `
const { ONE, TWO } = process.env;
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
for (let round = 0; round < ${ROUNDS}; round += 1) {
  const text = round + ": " + ONE + " and " + ONE.slice(0, 6) + "\\n" + "10%\\r50% " + TWO + "\\r100% " + round + "\\n" + ONE + TWO.slice(3) + "\\n";
  for (let at = 0; at < text.length; at += 5) {
    process.stdout.write(text.slice(at, at + 5));
    process.stderr.write(text.slice(at, at + 5));
    sleep(4);
  }
}
process.stdout.write("tail " + ONE);
`;

const EXPECTED = [
  ...Array.from({ length: ROUNDS }, (_, round) => [`${round}: *** and abcabc`, `100% ${round}`, "***"]).flat(),
  "tail ***",
];

const PIPELINE = `name: secret
jobs:
  print:
    environment: { ONE: "\${{ secrets.ONE }}", TWO: "\${{ secrets.TWO }}" }
    steps: [{ name: print, script: ["${process.execPath} print.cjs"] }]
`;

test(`secrets stay masked and lines whole in runs that are killed and resumed (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const trials = Array.from({ length: CRASHES }, () => Array.from({ length: 1 + Math.floor(random() * 2) }, random));
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let kills = trials.pop(); kills !== undefined; kills = trials.pop()) await crash(kills);
    }),
  );
});

async function project(): Promise<string> {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "waybill.yaml"), PIPELINE);
  await writeFile(join(cwd, "print.cjs"), PRINT);
  await writeFile(join(cwd, "secrets.json"), JSON.stringify(SECRETS), { mode: 0o600 });
  await writeFile(join(cwd, ".gitignore"), "secrets.json");
  return cwd;
}

async function start(cwd: string): Promise<string[]> {
  const { exitCode } = await waybill(["logs", "1"], { cwd });
  return ["run", "--json", "--secrets", "secrets.json", ...(exitCode === 0 ? ["--resume", "1"] : [])];
}

async function crash(kills: readonly number[]): Promise<void> {
  const cwd = await project();
  let printed = "";
  for (const share of kills) {
    const child = spawn(process.execPath, ["--", program, ...(await start(cwd))], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const closed = once(child, "close");
    await Promise.race([setTimeout(300 + share * LONGEST_MS), closed]);
    child.kill("SIGKILL");
    await closed;
  }
  const last: CommandResult = await waybill(await start(cwd), { cwd });
  if (!last.stderr.includes("RUN_OVER")) expect([last.exitCode, last.stderr]).toEqual([0, ""]);

  const [run = ""] = readdirSync(join(cwd, ".waybill/logs"));
  const lines = { stdout: [] as string[], stderr: [] as string[], system: [] as string[] };
  for await (const { stream, text } of openLogStore(join(cwd, ".waybill/logs")).read(run, "print")) {
    lines[stream].push(text);
  }
  expect(lines).toEqual({ stdout: EXPECTED, stderr: EXPECTED.slice(0, -1), system: [] });
  const kept = readdirSync(join(cwd, ".waybill"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && existsSync(join(entry.parentPath, entry.name)))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
  for (const text of [printed, last.stdout, last.stderr, ...kept]) {
    for (const secret of Object.values(SECRETS)) {
      expect(text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1))).toBe(false);
    }
  }
}

test("a run that was started with secrets needs the same ones again", async () => {
  const cwd = await project();
  await writeFile(join(cwd, "print.cjs"), "setTimeout(() => console.log(process.env.ONE), 3000)");
  const child = spawn(process.execPath, ["--", program, "run", "--secrets", "secrets.json"], {
    cwd,
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const chunk of child.stdout) if (String(chunk).includes("step print")) break;
  child.kill("SIGKILL");
  const without = await waybill(["run", "--resume", "1"], { cwd });
  expect(without.exitCode).toBe(2);
  expect(without.stderr).toContain("it needs secrets.ONE, secrets.TWO again");
  await writeFile(join(cwd, "more.json"), JSON.stringify({ ...SECRETS, THREE: "success" }), { mode: 0o600 });
  const more = await waybill(["run", "--resume", "1", "--secrets", "more.json"], { cwd });
  expect([more.exitCode, more.stderr]).toEqual([0, ""]);
  expect(more.stdout).toContain("print | ***\n");
});
