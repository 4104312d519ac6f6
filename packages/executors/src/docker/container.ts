import { setTimeout } from "node:timers/promises";
import { isRefusal, type EngineApi } from "./engine-api.ts";

/** What of a container's state is of interest. */
export interface ContainerState {
  readonly id: string;
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  /** Of its first process, as the daemon counts; 0: it does not run. */
  readonly pid: number;
  readonly exitCode: number;
  readonly ranOutOfMemory: boolean;
  readonly error: string;
  readonly network: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A removal takes tens of milliseconds; one under way for longer than this is left to the next attempt. */
const REMOVAL_TIMEOUT_MS = 60_000;

/** @returns null: there is no such container */
export async function inspectContainer(api: EngineApi, name: string): Promise<ContainerState | null> {
  let answer;
  try {
    answer = (await api.call({ method: "GET", path: `/containers/${name}/json` })) as {
      readonly Id: string;
      readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
      readonly HostConfig: { readonly NetworkMode: string };
      readonly State: {
        readonly Running: boolean;
        readonly Paused: boolean;
        readonly Pid: number;
        readonly ExitCode: number;
        readonly OOMKilled: boolean;
        readonly Error: string;
      };
    };
  } catch (error) {
    if (isRefusal(error, 404)) return null;
    throw error;
  }
  const { State: state } = answer;
  return {
    id: answer.Id,
    isRunning: state.Running,
    isPaused: state.Paused,
    pid: state.Pid,
    exitCode: state.ExitCode,
    ranOutOfMemory: state.OOMKilled,
    error: state.Error,
    network: answer.HostConfig.NetworkMode,
    labels: answer.Config.Labels ?? {},
  };
}

/** Ends and removes a container with its anonymous volumes; nothing where there is none. */
export async function removeContainer(api: EngineApi, name: string): Promise<void> {
  const end = performance.now() + REMOVAL_TIMEOUT_MS;
  for (;;) {
    try {
      await api.call({ method: "DELETE", path: `/containers/${name}`, query: { force: "1", v: "1" } });
      return;
    } catch (error) {
      if (isRefusal(error, 404)) return;
      // 409: somebody else is at it. 500: the daemon stumbles over a container that ends this very moment.
      if (!(isRefusal(error, 409) || isRefusal(error, 500)) || performance.now() > end) throw error;
    }
    await setTimeout(50);
  }
}

/** How a container that does not run any more came to its end, for people. */
export function describeEnd(state: ContainerState | null): string {
  if (state === null) return "its container was removed from outside";
  if (state.ranOutOfMemory) return "its container ended because it ran out of memory";
  const error = state.error === "" ? "" : `: ${state.error}`;
  return `its container was ended from outside, or with the Docker daemon (exit code ${state.exitCode}${error})`;
}
