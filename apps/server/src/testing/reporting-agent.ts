/*
 * A process that runs steps of one execution as something elsewhere would, and reports how it ends. Told of by lines of
 * JSON on its standard input: first an `AgentStart`, then an `AgentStep` for each step.
 */
import { spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";

export interface AgentStart {
  readonly url: string;
  readonly token: string;
  readonly workspace: string;
  readonly steps: number;
}

export interface AgentStep {
  readonly index: number;
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 20_000;

/** A server that is started anew is back soon. */
async function report({ url, token }: AgentStart, body: unknown): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const { status } = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
      if (status < 500) return;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await setTimeout(50);
  }
}

if (import.meta.main) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const start = JSON.parse((await lines.next()).value ?? "") as AgentStart;
  await report(start, { status: "RUNNING" });
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const { index, script, environment } = JSON.parse(line.value) as AgentStep;
    const { status: exit_code } = spawnSync("sh", ["-ec", script], {
      cwd: start.workspace,
      env: { PATH: process.env["PATH"] ?? "", ...environment },
      stdio: "ignore",
    });
    const isLast = index === start.steps - 1;
    if (exit_code === 0 && !isLast) {
      process.stdout.write("done\n");
      continue;
    }
    await report(start, { status: exit_code === 0 ? "SUCCEEDED" : "FAILED", exit_code, message: "the agent says so" });
    process.exit(0);
  }
}
