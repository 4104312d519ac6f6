import { systemClock } from "@waybill/core";
import {
  DEFAULT_PLACE,
  NO_OUTPUT,
  type ExecutionSpec,
  type Executor,
  type JobPlace,
  type Observation,
} from "@waybill/engine";
import { dockerExecutor, type DockerExecutorOptions } from "@waybill/executors";
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { TEST_IMAGE } from "./docker-daemon.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** What a step printed on both streams, and how it ended. */
export interface StepResult {
  readonly output: string;
  readonly end: Observation | undefined;
}

/** An executor with a directory of its own, and executions on one workspace; all is closed when the test ends. */
export class DockerJobs {
  readonly root: string;
  readonly workspace: string;
  readonly executor: Executor & AsyncDisposable;
  readonly #ids: string[] = [];

  private constructor(root: string, options: Partial<DockerExecutorOptions>) {
    this.root = root;
    this.workspace = join(root, "workspace");
    mkdirSync(this.workspace);
    this.executor = this.open(options);
  }

  static async open(options: Partial<DockerExecutorOptions> = {}): Promise<DockerJobs> {
    const jobs = new DockerJobs(await temporaryDirectory(), options);
    onTestFinished(() => jobs.#close());
    return jobs;
  }

  /** Another executor on the same executions. */
  open(options: Partial<DockerExecutorOptions> = {}): Executor & AsyncDisposable {
    const rest = { environment: process.env, clock: systemClock, defaultImage: TEST_IMAGE };
    return dockerExecutor({ directory: join(this.root, "executions"), ...rest, ...options });
  }

  spec(changes: Partial<Omit<ExecutionSpec, "place">> & { readonly place?: PlaceChanges } = {}): ExecutionSpec {
    const executionId = changes.executionId ?? `x-${randomUUID()}`;
    this.#ids.push(executionId);
    const { place, ...rest } = changes;
    const about = { runId: "run", jobName: "job", attempt: 1, images: [], workspace: this.workspace };
    return {
      ...about,
      ...rest,
      executionId,
      place: {
        ...DEFAULT_PLACE,
        ...place,
        resources: { ...DEFAULT_PLACE.resources, ...place?.resources },
        isolation: { ...DEFAULT_PLACE.isolation, ...place?.isolation },
      },
    };
  }

  /** Submits, runs one step, leaves the execution open. */
  async run(script: string, spec: ExecutionSpec = this.spec(), index = 0): Promise<StepResult> {
    await this.executor.submit(spec);
    await this.start(script, spec, index);
    return await this.result(spec, index);
  }

  async start(script: string, spec: ExecutionSpec, index = 0): Promise<void> {
    const rest = { name: "step", image: null, environment: {}, workingDirectory: "/workspace" };
    await this.executor.startStep(spec.executionId, { index, attempt: 1, script: [script], ...rest });
  }

  async result(spec: ExecutionSpec, index = 0): Promise<StepResult> {
    let output = "";
    let end: Observation | undefined;
    for await (const observation of this.executor.observeStep(spec.executionId, { index, attempt: 1 }, NO_OUTPUT)) {
      if (observation.type === "output") output += observation.data.toString();
      else end = observation;
    }
    return { output, end };
  }

  async #close(): Promise<void> {
    for (const id of this.#ids) await this.executor.close(id);
    await this.executor[Symbol.asyncDispose]();
  }
}

export interface PlaceChanges {
  readonly resources?: Partial<JobPlace["resources"]>;
  readonly isolation?: Partial<JobPlace["isolation"]>;
  readonly pullPolicy?: JobPlace["pullPolicy"];
}

/** Asks the daemon itself; null: an empty answer. */
export async function askDaemon(
  path: string,
  method = "GET",
  dockerHost = process.env["DOCKER_HOST"],
  body?: object,
): Promise<unknown> {
  const socketPath = (dockerHost ?? "unix:///var/run/docker.sock").slice("unix://".length);
  return await new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const call = request({ socketPath, path: `/v1.41${path}`, method, headers });
    call.once("error", reject);
    call.once("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.once("end", () => resolve(text === "" ? null : JSON.parse(text)));
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Containers of executions of ours whose state is below `root`, by name. */
export async function containersBelow(root: string, dockerHost?: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: ["waybill.control"] }));
  const all = (await askDaemon(`/containers/json?all=1&filters=${filters}`, "GET", dockerHost)) as {
    readonly Names: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  }[];
  return all
    .filter(({ Labels: labels }) => labels["waybill.control"]?.startsWith(`${root}/`))
    .flatMap(({ Names: names }) => names);
}

/** Networks that this process has made. */
export async function ownNetworks(dockerHost?: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: ["waybill.owner"] }));
  const all = (await askDaemon(`/networks?filters=${filters}`, "GET", dockerHost)) as {
    readonly Name: string;
    readonly Labels: Readonly<Record<string, string>>;
  }[];
  return all
    .filter(({ Labels: labels }) => labels["waybill.owner"]?.startsWith(`${process.pid} `))
    .map(({ Name: name }) => name);
}
