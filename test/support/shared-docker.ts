import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the daemon of a test run lives, once a test has asked for it. */
export const DOCKER_DIRECTORY_VARIABLE = "WAYBILL_TEST_DOCKER";

const PROGRAM = join(import.meta.dirname, "docker-daemon.ts");

/** Whether Docker is to be had; starts a daemon where none runs, and leads everything that reads `DOCKER_HOST` to it. */
export function ensureDocker(): boolean {
  const directory = process.env[DOCKER_DIRECTORY_VARIABLE];
  if (directory === undefined) return false;
  const result = spawnSync(process.execPath, [PROGRAM, "ensure", directory], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 180_000,
  });
  if (result.status !== 0) {
    process.stderr.write(`Docker is not to be had: ${result.stderr.slice(-1000)}\n`);
    return false;
  }
  process.env["DOCKER_HOST"] = result.stdout;
  return true;
}

/** For Vitest: names the directory for all test files of the run, and clears away what they made of it at its end. */
export function setup(): (() => void) | undefined {
  if (process.env[DOCKER_DIRECTORY_VARIABLE] !== undefined) return undefined;
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "waybill-docker-"));
  process.env[DOCKER_DIRECTORY_VARIABLE] = directory;
  return () => {
    if (!existsSync(join(directory, "d"))) return rmSync(directory, { recursive: true, force: true });
    spawnSync(process.execPath, [PROGRAM, "stop", directory], { stdio: "inherit", timeout: 180_000 });
  };
}
