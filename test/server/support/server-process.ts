import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { program, runCommand } from "../../support/waybill.ts";

/** `waybill server` as a process of its own, on a free port. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Its exit code and signal, when it has ended. */
  readonly exited: Promise<readonly [number | null, NodeJS.Signals | null]>;
  /** What it wrote to stderr so far. */
  readonly log: () => string;
  /** What it wrote to stdout so far. */
  readonly printed: () => string;
  /** Ends it by a signal and waits for that. @returns exit code and signal */
  end(signal: NodeJS.Signals): Promise<readonly [number | null, NodeJS.Signals | null]>;
}

/** Started when it says that it serves; killed when the running test ends. */
export async function startServer(data: string, args: readonly string[] = []): Promise<ServerProcess> {
  const common = ["server", "--data", data, "--file-repositories", "/", ...args];
  const server = await spawnServer([...common, "--listen", "127.0.0.1:0", "--executor", "process"]);
  const permissions = ["runs:read", "runs:trigger", "runs:cancel", "logs:read", "artifacts:read", "webhooks:receive"];
  const administers = [
    "projects:write",
    "pipelines:write",
    "projects:read",
    "pipelines:read",
    "secrets:list",
    "secrets:write",
  ];
  const named = [...permissions, ...administers].flatMap((permission) => ["--permission", permission]);
  // Several servers may be on one database, where a name is given once.
  const name = `test-${randomUUID()}`;
  const command = ["--", program, ...common, "token", name, "--role", "admin", ...named];
  const token = await runCommand(process.execPath, command, { cwd: process.cwd() });
  if (token.exitCode !== 0) throw new Error(`there is no token: ${token.stderr}`);
  tokens.set(server.url, token.stdout.trim());
  return server;
}

export interface ServerProgram {
  /** The built command line; default: that of this checkout. */
  readonly program?: string;
  readonly cwd?: string;
  /** Added to the environment of this process; undefined removes. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** As `startServer`, with these arguments and no others, and without a token. */
export async function spawnServer(args: readonly string[], options: ServerProgram = {}): Promise<ServerProcess> {
  const child = spawn(process.execPath, ["--", options.program ?? program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const url = await serving(child, () => log);
  return {
    url,
    pid: child.pid ?? 0,
    exited,
    log: () => log,
    printed: () => printed,
    async end(signal) {
      child.kill(signal);
      return await exited;
    },
  };
}

/** Of each server. */
const tokens = new Map<string, string>();

export function tokenOf(url: string): string {
  return tokens.get(new URL(url).origin) ?? "";
}

async function serving(child: ChildProcess, log: () => string): Promise<string> {
  let printed = "";
  return await new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${log()}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const match = /^Waybill serves at (\S+)$/m.exec(printed);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
  });
}

export async function getJson(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${tokenOf(url)}` } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

export async function postJson(url: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${tokenOf(url)}` };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}
