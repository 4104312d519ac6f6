import { systemIds } from "@waybill/core";
import { constantRandom, ManualClock } from "@waybill/core/testing";
import type { SqlRunStore } from "@waybill/database";
import {
  createEngine,
  onlyExecutor,
  type Engine,
  type EnginePorts,
  type Executor,
  type RunHandle,
  type RunRequest,
} from "@waybill/engine";
import type { PipelineDefinition } from "@waybill/pipeline";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { openAdapters, type AdapterOptions } from "./open-adapters.ts";
import { parse, requestFor } from "./pipelines.ts";
import { Recorder } from "./recorder.ts";

/** The engine's ports, with one executor for every job. */
export interface BenchPorts extends Omit<EnginePorts, "executors"> {
  readonly executor: Executor;
}

/** A project of its own with an engine over real adapters: what `waybill run` has, in this process. */
export interface Bench {
  readonly project: string;
  /** The project's `.waybill`. */
  readonly state: string;
  /** Time of the engine: stands still unless told to move. */
  readonly clock: ManualClock;
  readonly store: SqlRunStore;
  readonly ports: BenchPorts;
  readonly engine: Engine;
  /** Where the executor keeps its executions. */
  readonly executions: string;
  /** Disposes of the executor, as the end of a command does. */
  close(): Promise<void>;
  write(path: string, content: string): void;
  /** Starts a run of a pipeline text; the recorder has seen everything. */
  start(pipeline: string | PipelineDefinition, request?: Partial<RunRequest>): Promise<StartedRun>;
}

export interface StartedRun {
  readonly handle: RunHandle;
  readonly recorder: Recorder;
}

export interface BenchOptions extends AdapterOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Existing directory; a temporary one by default. */
  readonly project?: string;
  /** Replaces ports, for example to look at what passes through one. */
  readonly wrap?: (ports: BenchPorts) => BenchPorts;
}

export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const project = options.project ?? (await temporaryDirectory());
  const state = join(project, ".waybill");
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), content);
  };
  for (const [path, content] of Object.entries(options.files ?? {})) write(path, content);
  const { store, ...adapters } = await openAdapters(project, options);
  onTestFinished(async () => {
    await adapters.executor[Symbol.asyncDispose]();
    await store.close();
  });
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  // In the middle of the jitter: delays are exactly 1 s, 2 s, 4 s.
  const real: BenchPorts = { ...adapters, store, clock, random: constantRandom(0.5), ids: systemIds };
  const ports = options.wrap?.(real) ?? real;
  const engine = createEngine({ ...ports, executors: onlyExecutor(ports.executor) });
  return {
    project,
    state,
    executions: options.executions ?? join(state, "executions"),
    async close() {
      await adapters.executor[Symbol.asyncDispose]();
    },
    clock,
    store,
    ports,
    engine,
    write,
    async start(pipeline, request = {}) {
      const definition = typeof pipeline === "string" ? parse(pipeline, request.parameters) : pipeline;
      const handle = await engine.start({ ...requestFor(definition), ...request });
      const recorder = new Recorder();
      handle.subscribe((notice) => recorder.notice(notice));
      onTestFinished(() => endRun(handle));
      return { handle, recorder };
    },
  };
}

/** A run that a failed test left behind must not disturb the next, nor hold the report of the failure back. */
async function endRun(handle: RunHandle): Promise<void> {
  handle.kill();
  const ended = handle.finished.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([ended, setTimeout(5_000, undefined, { ref: false })]);
}
