import { openArtifactStore } from "@waybill/artifacts";
import { systemClock, systemIds, type Clock } from "@waybill/core";
import { constantRandom, ManualClock } from "@waybill/core/testing";
import { openRunStore, type SqlRunStore } from "@waybill/database";
import { createEngine, type Engine, type EnginePorts, type RunHandle, type RunRequest } from "@waybill/engine";
import { openWorkspaces, processExecutor } from "@waybill/executors";
import { openLogStore } from "@waybill/logs";
import { parsePipeline, type PipelineDefinition } from "@waybill/pipeline";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { Recorder } from "./recorder.ts";

/** A project of its own with an engine over real adapters: what `waybill run` has, in this process. */
export interface Bench {
  readonly project: string;
  /** The project's `.waybill`. */
  readonly state: string;
  /** Time of the engine: stands still unless told to move. */
  readonly clock: ManualClock;
  readonly store: SqlRunStore;
  readonly ports: EnginePorts;
  readonly engine: Engine;
  write(path: string, content: string): void;
  /** Starts a run of a pipeline text; the recorder has seen everything. */
  start(pipeline: string, request?: Partial<RunRequest>): Promise<StartedRun>;
}

export interface StartedRun {
  readonly handle: RunHandle;
  readonly recorder: Recorder;
}

export interface BenchOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Existing directory; a temporary one by default. */
  readonly project?: string;
  readonly executorClock?: Clock;
  /** Where the logs go; below the project by default. */
  readonly logs?: string;
  readonly artifacts?: string;
  readonly executions?: string;
  readonly database?: string;
  /** Replaces ports, for example to look at what passes through one. */
  readonly wrap?: (ports: EnginePorts) => EnginePorts;
}

export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const project = options.project ?? (await temporaryDirectory());
  const state = join(project, ".waybill");
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), content);
  };
  for (const [path, content] of Object.entries(options.files ?? {})) write(path, content);
  const store = await openRunStore(options.database ?? join(state, "waybill.db"));
  onTestFinished(() => store.close());
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const real: EnginePorts = {
    clock,
    // In the middle of the jitter: delays are exactly 1 s, 2 s, 4 s.
    random: constantRandom(0.5),
    ids: systemIds,
    store,
    executor: processExecutor({
      directory: options.executions ?? join(state, "executions"),
      hostEnvironment: process.env,
      clock: options.executorClock ?? systemClock,
    }),
    workspaces: openWorkspaces({ directory: join(state, "workspaces"), projectDirectory: project }),
    artifacts: openArtifactStore(options.artifacts ?? join(state, "artifacts")),
    logs: openLogStore(options.logs ?? join(state, "logs")),
  };
  const ports = options.wrap?.(real) ?? real;
  const engine = createEngine(ports);
  return {
    project,
    state,
    clock,
    store,
    ports,
    engine,
    write,
    async start(pipeline, request = {}) {
      const parameters = request.parameters ?? {};
      const handle = await engine.start({ ...requestFor(parse(pipeline, parameters)), ...request });
      const recorder = new Recorder();
      handle.subscribe((notice) => recorder.notice(notice));
      onTestFinished(() => endRun(handle));
      return { handle, recorder };
    },
  };
}

/** Every job of the definition, as many at once as there are. */
export function requestFor(definition: PipelineDefinition): RunRequest {
  return {
    definition,
    file: "waybill.yaml",
    trigger: "manual",
    jobs: null,
    concurrency: 100,
    parameters: {},
    system: {},
  };
}

export function parse(pipeline: string, parameters: Readonly<Record<string, string>> = {}): PipelineDefinition {
  const { definition, errors } = parsePipeline(pipeline, { file: "waybill.yaml", parameters, now: 0 });
  if (definition === null) throw new Error(errors.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return definition;
}

/** A run that a failed test left behind must not disturb the next. */
async function endRun(handle: RunHandle): Promise<void> {
  handle.kill();
  await handle.finished.catch(() => undefined);
}
