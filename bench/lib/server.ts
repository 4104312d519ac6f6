import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const PROGRAM = resolve(import.meta.dirname, "../../apps/cli/dist/waybill.js");

/** A server of its own in a temporary directory, with a repository that pipelines are pushed to. */
export interface BenchServer {
  readonly url: string;
  /** With a token that may all that benchmarks do. */
  readonly headers: Readonly<Record<string, string>>;
  /** From the start of the process until `/ready` answered, in milliseconds. */
  readonly readyMs: number;
  /** Where all of it is; removed when it stops. */
  readonly root: string;
  /** Time of the process on a processor so far, in milliseconds; that of the jobs' processes is not in it. */
  cpuMs(): number;
  /** Of the process, in MiB. */
  memory(): { readonly rss: number; readonly peak: number };
  get(path: string): Promise<Json>;
  post(path: string, body: unknown): Promise<Json>;
  /** Commits a pipeline file. @returns the commit */
  push(pipelineFile: string): string;
  readonly repositoryUrl: string;
  createPipeline(): Promise<string>;
  stop(): Promise<void>;
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
export type Json = any;

export async function startServer(args: readonly string[] = []): Promise<BenchServer> {
  const root = mkdtempSync(join(tmpdir(), "waybill-bench-"));
  const start = performance.now();
  const common = ["--", PROGRAM, "server", "--data", join(root, "data"), "--file-repositories", "/", ...args];
  // For example `--cpu-prof`, with the server ended by SIGTERM then.
  const nodeArgs = (process.env["BENCH_NODE_ARGS"] ?? "").split(" ").filter((arg) => arg !== "");
  const child = spawn(process.execPath, [...nodeArgs, ...common, "--listen", "127.0.0.1:0", "--executor", "process"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const url = await new Promise<string>((done, failed) => {
    let printed = "";
    child.on("exit", () => failed(new Error("the server ended")));
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /^Waybill serves at (\S+)$/m.exec(printed)?.[1];
      if (found !== undefined) done(found);
    });
  });
  if (!(await fetch(`${url}/ready`)).ok) throw new Error("the server is not ready");
  const readyMs = performance.now() - start;
  const bare = join(root, "shop.git");
  const clone = join(root, "clone");
  const git = (...command: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=B", "-c", "user.email=b@example.com", ...command], {
      cwd: clone,
      stdio: "pipe",
    })
      .toString()
      .trim();
  mkdirSync(clone);
  git("init", "-q", "--bare", "-b", "main", bare);
  git("init", "-q", "-b", "main", ".");
  git("remote", "add", "origin", bare);
  const repositoryUrl = `file://${bare}`;
  const permissions = ["runs:read", "runs:trigger", "logs:read", "webhooks:receive"];
  const administers = ["projects:write", "pipelines:write", "projects:read", "pipelines:read"];
  const named = [...permissions, ...administers].flatMap((permission) => ["--permission", permission]);
  const token = execFileSync(process.execPath, [...common, "token", "bench", "--role", "admin", ...named])
    .toString()
    .trim();
  const headers = { authorization: `Bearer ${token}` };
  const call = async (path: string, init?: RequestInit): Promise<Json> => {
    const response = await fetch(url + path, { headers, ...init });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  };
  const post = (path: string, body: unknown): Promise<Json> =>
    call(path, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  return {
    url,
    headers,
    readyMs,
    root,
    cpuMs() {
      // Behind the name, which may have spaces: 11 fields to the ticks in user mode and in the kernel, 10 ms each.
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    repositoryUrl,
    get: (path) => call(path),
    post,
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      const mebibytes = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1024;
      return { rss: mebibytes("VmRSS"), peak: mebibytes("VmHWM") };
    },
    push(pipelineFile) {
      writeFileSync(join(clone, "waybill.yaml"), pipelineFile);
      git("add", "--all");
      git("commit", "-q", "--allow-empty", "-m", "x");
      git("push", "-q", "origin", "HEAD");
      return git("rev-parse", "HEAD");
    },
    async createPipeline() {
      const { id } = await post("/v1/projects", { name: "bench" });
      return (await post("/v1/pipelines", { project_id: id, name: "bench", repository_url: repositoryUrl })).id;
    },
    async stop() {
      const exited = new Promise((done) => child.once("exit", done));
      // A profile is written by a process that ends by itself.
      child.kill(nodeArgs.length > 0 ? "SIGTERM" : "SIGKILL");
      await exited;
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Events of a stream as they come, with the time each was read at. */
export async function* streamed(server: BenchServer, path: string): AsyncGenerator<{ type: string; data: Json }> {
  const response = await fetch(server.url + path, { headers: server.headers });
  let text = "";
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      const type = /^event: (.*)$/m.exec(event)?.[1];
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (type !== undefined && data !== undefined) yield { type, data: JSON.parse(data) };
      if (type === "end") return;
    }
  }
}

export async function untilRunsEnd(server: BenchServer, pipeline: string): Promise<void> {
  for (;;) {
    const counts = await Promise.all(
      ["pending", "running"].map((status) => server.get(`/v1/pipelines/${pipeline}/runs?limit=1&status=${status}`)),
    );
    if (counts.every(({ items }) => items.length === 0)) return;
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** @param part for example 0.99 */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
