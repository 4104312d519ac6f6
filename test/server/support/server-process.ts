import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { program } from "../../support/waybill.ts";

/** `waybill server` as a process of its own, on a free port. */
export interface ServerProcess {
  readonly url: string;
  /** What it wrote to stderr so far. */
  readonly log: () => string;
  /** Ends it by a signal and waits for that. @returns exit code and signal */
  end(signal: NodeJS.Signals): Promise<readonly [number | null, NodeJS.Signals | null]>;
}

/** Started when it says that it serves; killed when the running test ends. */
export async function startServer(data: string, args: readonly string[] = []): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    ["--", program, "server", "--data", data, "--listen", "127.0.0.1:0", "--executor", "process", ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const url = await serving(child, () => log);
  return {
    url,
    log: () => log,
    async end(signal) {
      const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
      child.kill(signal);
      return await exited;
    },
  };
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
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

export async function postJson(url: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}
