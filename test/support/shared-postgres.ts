import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programs } from "./postgres.ts";

/** Where the server of a test run lives, once a test has asked for it. */
export const POSTGRES_DIRECTORY_VARIABLE = "WAYBILL_TEST_POSTGRES";

const PROGRAM = join(import.meta.dirname, "postgres.ts");

let address: string | null = null;

/** Whether PostgreSQL is to be had; starts a server where the test run has none yet. */
export function ensurePostgres(): boolean {
  const directory = process.env[POSTGRES_DIRECTORY_VARIABLE];
  if (directory === undefined || programs() === null) return false;
  const result = spawnSync(process.execPath, [PROGRAM, "ensure", directory], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 180_000,
  });
  if (result.status !== 0) {
    process.stderr.write(`PostgreSQL is not to be had: ${result.stderr.slice(-1000)}\n`);
    return false;
  }
  address = result.stdout;
  return true;
}

/** The address of a name on the server of this test run; `describeWith("postgres", …)` has started it. */
export function postgresUrl(database: string): string {
  if (address === null) throw new Error("No PostgreSQL server: tests that need one go into describeWith.");
  const url = new URL(address);
  url.pathname = `/${database}`;
  return url.href;
}

/** A name for a database that no other test has. */
export function databaseName(): string {
  return `test_${randomBytes(8).toString("hex")}`;
}

/** For Vitest: names the directory for all test files of the run, and clears away what they made of it at its end. */
export function setup(): (() => void) | undefined {
  if (process.env[POSTGRES_DIRECTORY_VARIABLE] !== undefined) return undefined;
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "waybill-postgres-"));
  // The server runs as another user.
  chmodSync(directory, 0o755);
  process.env[POSTGRES_DIRECTORY_VARIABLE] = directory;
  return () => {
    if (!existsSync(join(directory, "s"))) return rmSync(directory, { recursive: true, force: true });
    spawnSync(process.execPath, [PROGRAM, "stop", directory], { stdio: "inherit", timeout: 180_000 });
  };
}
