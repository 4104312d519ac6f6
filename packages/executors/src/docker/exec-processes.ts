import { setTimeout } from "node:timers/promises";
import type { ContainerProcess, ContainerProcesses } from "./container-processes.ts";
import type { EngineApi } from "./engine-api.ts";
import { standardOutput } from "./frames.ts";

/** Each process has a line of about two hundred bytes. */
const MAX_OUTPUT_BYTES = 4_000_000;
const TIMEOUT_MS = 30_000;
/** Only what the shell itself can do: images need not have `ps`. */
const LIST_SCRIPT = 'for f in /proc/[0-9]*/stat; do IFS= read -r line <"$f" && echo "$line"; done 2>/dev/null; exit 0';

/**
 * The same through commands run in the container, where this machine's kernel shows us nothing, or we are not root and
 * the container's processes are. Tens of milliseconds a call.
 */
export class ExecProcesses implements ContainerProcesses {
  readonly supervisor = 1;
  readonly #api: EngineApi;
  readonly #container: string;

  constructor(api: EngineApi, container: string) {
    this.#api = api;
    this.#container = container;
  }

  async list(): Promise<readonly ContainerProcess[]> {
    const { output } = await execInContainer(this.#api, this.#container, ["/bin/sh", "-c", LIST_SCRIPT]);
    const found: ContainerProcess[] = [];
    for (const line of output.split("\n")) {
      const [, pid, name, state, parent] = /^(\d{1,10}) \((.*)\) (\S) (\d{1,10}) /.exec(line) ?? [];
      // Only the supervisor and what is brought in from outside, like the shell that prints this, has no parent here.
      if (pid === undefined || parent === undefined || parent === "0" || state === "Z" || state === "X") continue;
      // Its arguments are not to be seen this way; a job's own orphan of that name just has no grace when it is stopped.
      const isSupervisorsSleep = name === "sleep" && parent === "1";
      found.push({ pid: Number(pid), parent: Number(parent), isSupervisorsSleep });
    }
    return found;
  }

  async signal(pids: readonly number[], signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (pids.length === 0) return;
    const name = signal.slice("SIG".length);
    const script = `name=$1; shift; for pid; do kill -"$name" "$pid"; kill -CONT "$pid"; done 2>/dev/null; exit 0`;
    await execInContainer(this.#api, this.#container, ["/bin/sh", "-c", script, "sh", name, ...pids.map(String)]);
  }
}

/** Runs a program in a container as the container's own user. */
export async function execInContainer(
  api: EngineApi,
  container: string,
  command: readonly string[],
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const created = (await api.call({
    method: "POST",
    path: `/containers/${container}/exec`,
    body: { Cmd: command, AttachStdout: true, AttachStderr: false, AttachStdin: false, WorkingDir: "/" },
  })) as { readonly Id: string };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const body = { Detach: false, Tty: false };
  const socket = await api.hijack({ method: "POST", path: `/exec/${created.Id}/start`, body, signal });
  let output = "";
  try {
    for await (const chunk of socket.pipe(standardOutput()) as AsyncIterable<Buffer>) {
      output += chunk.toString("latin1");
      if (output.length > MAX_OUTPUT_BYTES) break;
    }
  } finally {
    socket.destroy();
  }
  for (;;) {
    const state = (await api.call({ method: "GET", path: `/exec/${created.Id}/json` })) as {
      readonly Running: boolean;
      readonly ExitCode: number | null;
    };
    if (!state.Running) return { exitCode: state.ExitCode, output };
    if (signal.aborted) return { exitCode: null, output };
    await setTimeout(10);
  }
}
