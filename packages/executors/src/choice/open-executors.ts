import { WaybillError } from "@waybill/core";
import type { Executor, Executors, PipelineJob } from "@waybill/engine";
import {
  chooseExecutor,
  namesImage,
  type Choice,
  type ExecutorMode,
  type Machine,
  type Probe,
} from "./choose-executor.ts";

/** An executor that is opened when the first job needs it. */
export interface ExecutorAdapter {
  /** Whether it works here. Asked at most once, and only where a job may need it. */
  probe(): Promise<Probe>;
  open(): Executor & AsyncDisposable;
}

export interface ExecutorAvailability {
  readonly name: string;
  readonly available: boolean;
  /** Of what it is made with; empty: nothing but this program, or unknown. */
  readonly version: string;
  /** What is missing and what to do, in sentences; empty: nothing. */
  readonly reason: string;
}

export interface OpenExecutorsOptions {
  readonly mode: ExecutorMode;
  readonly adapters: Readonly<Record<"docker" | "sandbox" | "process", ExecutorAdapter>>;
  readonly hasRootFilesystem: (image: string) => boolean;
}

const UNKNOWN: Probe = { available: false, reason: "It was not looked for." };

/** The executors of this machine, each opened when it is first needed. */
export class OpenExecutors implements Executors, AsyncDisposable {
  readonly #options: OpenExecutorsOptions;
  readonly #open = new Map<string, Executor & AsyncDisposable>();
  #docker: Probe | null = null;
  #sandbox: Probe | null = null;
  #asking: Promise<readonly ExecutorAvailability[]> | null = null;

  constructor(options: OpenExecutorsOptions) {
    this.#options = options;
  }

  /**
   * Finds out what this machine can do, as far as these jobs need to know. Before `choose`.
   *
   * @returns what the user should know, each sentence once with the jobs it is about
   */
  async prepare(jobs: Iterable<PipelineJob>): Promise<readonly string[]> {
    const list = [...jobs];
    const { mode, adapters } = this.#options;
    const wantsDocker = mode === "docker" || (mode === "auto" && list.some(namesImage));
    if (wantsDocker) this.#docker ??= await adapters.docker.probe();
    const imagesNeedSandbox = this.#docker?.available === false;
    const wantsSandbox =
      mode === "sandbox" || (mode === "auto" && (imagesNeedSandbox || list.some((job) => !namesImage(job))));
    if (wantsSandbox) this.#sandbox ??= await adapters.sandbox.probe();
    return warningsOf(list, (job) => this.choose(job));
  }

  /** What each could do now, whatever jobs need; asks the machine, and changes nothing of what is chosen. */
  async availability(): Promise<readonly ExecutorAvailability[]> {
    return await (this.#asking ??= this.#ask().finally(() => (this.#asking = null)));
  }

  async #ask(): Promise<readonly ExecutorAvailability[]> {
    const adapters = Object.entries<ExecutorAdapter>({ ...this.#options.adapters });
    return await Promise.all(
      adapters.map(async ([name, adapter]) => {
        const probe = await adapter.probe();
        const nothing = { name, version: "", reason: "" };
        return probe.available
          ? { ...nothing, available: true, version: probe.version }
          : { ...nothing, available: false, reason: probe.reason };
      }),
    );
  }

  choose(job: PipelineJob): Choice {
    const machine: Machine = {
      docker: this.#docker ?? UNKNOWN,
      sandbox: this.#sandbox ?? UNKNOWN,
      hasRootFilesystem: this.#options.hasRootFilesystem,
    };
    return chooseExecutor(job, this.#options.mode, machine);
  }

  named(name: string): Executor {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const { adapters } = this.#options;
    if (!isAdapter(adapters, name)) {
      throw new WaybillError("EXECUTOR_NOT_AVAILABLE", { executor: name, detail: "This version does not know it." });
    }
    const opened = adapters[name].open();
    this.#open.set(name, opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#open.values(), (executor) => executor[Symbol.asyncDispose]()));
  }
}

function isAdapter<Adapters extends object>(adapters: Adapters, name: string): name is keyof Adapters & string {
  return Object.hasOwn(adapters, name);
}

/** Names shown of the jobs a warning is about. */
const MAX_NAMES = 3;

function warningsOf(jobs: readonly PipelineJob[], choose: (job: PipelineJob) => Choice): string[] {
  const about = Map.groupBy(jobs, (job) => choose(job).warning);
  return [...about].flatMap(([warning, warned]) => {
    if (warning === null) return [];
    const names = warned.slice(0, MAX_NAMES).map((job) => job.name);
    const more = warned.length > MAX_NAMES ? ` and ${warned.length - MAX_NAMES} more` : "";
    const [noun, verb] = warned.length === 1 ? ["job", "runs"] : ["jobs", "run"];
    return [`${noun} ${names.join(", ")}${more} ${verb} ${warning}`];
  });
}
