import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { dockerTraces, executionTraces, processesKnowing } from "../../support/execution-traces.ts";

/** How long supervisors without work may take to notice: they look once a second. */
const PATIENCE_MS = 20_000;

export interface CrashSite {
  /** The project. */
  readonly directory: string;
  /** What its programs have for `TMPDIR`. */
  readonly temporary: string;
  /** Ids of all executions there were. */
  readonly executions: readonly string[];
  /** Of the programs that drove its runs. */
  readonly pids: readonly number[];
  /** Null: nothing ran in containers. */
  readonly dockerHost: string | null;
}

/** What is still there of runs that are over, besides their records; empty: nothing is. */
export async function leftovers(site: CrashSite): Promise<string[]> {
  const { directory, temporary, pids, dockerHost } = site;
  const executions = join(directory, ".waybill/executions");
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = [...filesOf(site), ...processesKnowing([`${directory}/`])];
    if (left.length === 0)
      left.push(...executionTraces({ directory: executions, executions: site.executions, temporary }));
    if (left.length === 0 && dockerHost !== null)
      left.push(...(await dockerTraces(dockerHost, executions, pids).catch(unknown)));
    if (left.length === 0 || performance.now() > end) return left;
    await setTimeout(50);
  }
}

/** A daemon that is being restarted answers later. */
function unknown(error: unknown): string[] {
  return [`what the daemon has is not known: ${String(error)}`];
}

function filesOf({ directory, temporary }: CrashSite): string[] {
  const state = join(directory, ".waybill");
  const executions = list(join(state, "executions"));
  return [
    ...["workspaces", "claims"].flatMap((name) => list(join(state, name)).map((entry) => entry.path)),
    // Files beside them, such as the supervisor's script, serve all executions.
    ...executions.filter(({ isDirectory, path }) => isDirectory || path.includes("@")).map(({ path }) => path),
    ...list(temporary).map((entry) => entry.path),
  ];
}

function list(directory: string): { readonly path: string; readonly isDirectory: boolean }[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).map((entry) => ({
    path: join(directory, entry.name),
    isDirectory: entry.isDirectory(),
  }));
}
