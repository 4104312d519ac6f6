import { spawn } from "node:child_process";
import { join } from "node:path";

/**
 * The command line of our entry point. Behind `--`, because Node takes an `--env-file` of ours for one of its own
 * wherever it stands, loads it into our environment, and ends with exit code 9 where it is missing.
 */
export const CLI = [process.execPath, "--", join(import.meta.dirname, "../main.ts")] as const;

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly cwd: string;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the real entry point in a process of its own, without a terminal and without the colours of ours. */
export function spawnCli(args: readonly string[], { cwd, input, env }: SpawnOptions): Promise<CliResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CliResult>();
  const child = spawn(CLI[0], [...CLI.slice(1), ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, WAYBILL_EXECUTOR: "process", ...env },
    stdio: "pipe",
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.on("error", reject);
  child.on("close", (exitCode) =>
    resolve({ exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
  );
  // A command that does not read its input may end before it has been given all of it.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  return promise;
}
