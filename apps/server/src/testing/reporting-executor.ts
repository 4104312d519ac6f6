import { WaybillError } from "@waybill/core";
import type { ExecutionSpec, ExecutionStatus, Executor, Observation, StepSpec } from "@waybill/engine";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { AgentStart, AgentStep } from "./reporting-agent.ts";

const AGENT = fileURLToPath(new URL("reporting-agent.ts", import.meta.url));

/**
 * What the executor itself says of steps, by their names: of those that begin with `hang` it never hears again, of those
 * that begin with `claim` it says that they ended well. Of all others it says that they are lost once their agent is
 * gone, and how they ended while it is there.
 */
type Behaviour = "hang" | "claim" | "lost";

interface Agent {
  readonly process: ChildProcess;
  readonly answers: AsyncIterator<string>;
  behaviour: Behaviour;
}

/**
 * For tests: runs each execution in a process of its own that reports how it ends and leaves nothing behind, as a pod
 * that is removed when it is done. It remembers executions in memory alone.
 */
export class ReportingExecutor implements Executor, AsyncDisposable {
  readonly name = "process";
  readonly isReporting = true;
  /** What executions were submitted with. */
  readonly specs: ExecutionSpec[] = [];
  readonly #agents = new Map<string, Agent>();

  workspacePath(workspace: string): string {
    return workspace;
  }

  async submit(spec: ExecutionSpec): Promise<void> {
    if (this.#agents.has(spec.executionId)) return;
    const { callback, workspace, images } = spec;
    if (!callback) throw new Error("an executor that reports is told where");
    this.specs.push(spec);
    // The token goes through a pipe: arguments and environments are there for others to read.
    const process = spawn(globalThis.process.execPath, [AGENT], { stdio: ["pipe", "pipe", "inherit"] });
    const answers = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
    this.#agents.set(spec.executionId, { process, answers, behaviour: "lost" });
    const start: AgentStart = { ...callback, workspace, steps: images.length };
    process.stdin.write(`${JSON.stringify(start)}\n`);
    await Promise.resolve();
  }

  async startStep(executionId: string, { name, index, script, environment }: StepSpec): Promise<void> {
    const agent = this.#get(executionId);
    if (!isAlive(agent))
      throw new WaybillError("EXECUTOR_LOST", { execution: executionId, detail: "its agent is gone." });
    agent.behaviour = name.startsWith("hang") ? "hang" : name.startsWith("claim") ? "claim" : "lost";
    const step: AgentStep = { index, script: script.join("\n"), environment };
    agent.process.stdin?.write(`${JSON.stringify(step)}\n`);
    await Promise.resolve();
  }

  async *observeStep(executionId: string): AsyncGenerator<Observation> {
    const agent = this.#get(executionId);
    const { behaviour, process, answers } = agent;
    const finished = { type: "finished", exitCode: 0, signal: null, outOfMemory: false, outputs: "" } as const;
    const answer = await answers.next();
    if (answer.done !== true) return yield { ...finished, time: Date.now() };
    if (isAlive(agent)) await once(process, "exit");
    if (behaviour === "claim") return yield { ...finished, time: Date.now() };
    if (behaviour === "hang") await new Promise(() => undefined);
    yield { type: "lost", detail: "its agent is gone", time: Date.now() };
  }

  async stopStep(executionId: string): Promise<void> {
    this.#agents.get(executionId)?.process.kill("SIGKILL");
    await Promise.resolve();
  }

  async close(executionId: string): Promise<void> {
    await this.stopStep(executionId);
    this.#agents.delete(executionId);
  }

  async status(executionId: string): Promise<ExecutionStatus> {
    const agent = this.#agents.get(executionId);
    const state = agent === undefined ? "unknown" : isAlive(agent) ? "running" : "lost";
    return await Promise.resolve({ executionId, state });
  }

  async list(): Promise<readonly ExecutionStatus[]> {
    return await Promise.all([...this.#agents.keys()].map((id) => this.status(id)));
  }

  /** Agents go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
  }

  #get(executionId: string): Agent {
    const agent = this.#agents.get(executionId);
    if (agent === undefined) throw new WaybillError("EXECUTOR_UNKNOWN", { execution: executionId });
    return agent;
  }
}

function isAlive({ process }: Agent): boolean {
  return process.exitCode === null && process.signalCode === null;
}
