import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  openTestServer,
  testRepository,
  type TestRepository,
  type TestServer,
} from "../../../apps/server/src/testing/test-server.ts";
import { program } from "../../support/waybill.ts";
import { otherPipelines, stagedPipeline } from "./staged-pipeline.ts";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
export type Json = any;

/** A server on which a `.shipinator.yaml` has run once from a `git push` to its end. */
export interface StagedServer {
  readonly root: string;
  /** Where artifacts are kept. */
  readonly store: string;
  readonly server: TestServer;
  readonly repository: TestRepository;
  /** Of the run's pipeline and the others of its repository, by name. */
  readonly pipelines: Readonly<Record<string, string>>;
  readonly pushed: string;
  /** The run as it is told at its end. */
  readonly run: Json;
  readonly jobs: Readonly<Record<string, Json>>;
  /** What was told of the run's progress while it went on, without repetitions. */
  readonly seen: readonly Json[];
  /** @returns status and body */
  call(method: string, path: string, body?: unknown): Promise<readonly [number, Json]>;
  /** Runs another pipeline to its end. */
  finish(name: string): Promise<Json>;
  close(): Promise<void>;
}

export async function stagedServer(): Promise<StagedServer> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-items-")));
  const store = join(root, "kept");
  const server = await openTestServer(
    join(root, "data"),
    { "max-jobs": "4" },
    { SHIPINATOR_ARTIFACT_STORE_PATH: store },
    {},
    "info",
  );
  const call = async (method: string, path: string, body?: unknown): Promise<readonly [number, Json]> => {
    const response = await server.send(method, path, body);
    const text = await response.text();
    return [response.status, text === "" ? null : JSON.parse(text)];
  };
  const get = async (path: string): Promise<Json> => (await call("GET", path))[1];

  const repository = testRepository(root);
  const [, project] = await call("POST", "/v1/projects", { name: "shop" });
  const create = async (name: string, configPath: string): Promise<string> => {
    const about = { project_id: project.id, name, repository_url: repository.url, config_path: configPath };
    return (await call("POST", "/v1/pipelines", about))[1].id;
  };
  const pipelines: Record<string, string> = { shop: await create("shop", ".shipinator.yaml") };
  const pushed = pushWithHook(root, repository, server);

  const seen: Json[] = [];
  let run: Json;
  do {
    const [stored] = (await get(`/v1/pipelines/${pipelines["shop"]}/runs`)).items;
    if (stored !== undefined) run = await get(`/v1/pipeline-runs/${stored.id}`);
    const progress = run?.progress;
    if (JSON.stringify(progress) !== JSON.stringify(seen.at(-1))) seen.push(progress);
    if (progress?.phase === "BUILDING") writeFileSync(join(root, "go-build"), "");
    if (progress?.phase === "TESTING") writeFileSync(join(root, "go-test"), "");
    await setTimeout(5);
  } while (run === undefined || run.finished_at === null);
  const { items } = await get(`/v1/pipeline-runs/${run.id}/jobs`);

  for (const path of Object.keys(otherPipelines(root))) {
    const name = path.split("/")[0] ?? "";
    pipelines[name] = await create(name, path);
  }
  return {
    ...{ root, store, server, repository, pipelines, pushed, run, seen, call },
    jobs: Object.fromEntries(items.map((job: Json) => [job.name, job])),
    async finish(name) {
      const [status, started] = await call("POST", `/v1/pipelines/${pipelines[name]}/runs`, {});
      if (status !== 201) throw new Error(JSON.stringify(started));
      for (;;) {
        const told = await get(`/v1/pipeline-runs/${started.id}`);
        if (told.finished_at !== null) return told;
        await setTimeout(10);
      }
    },
    async close() {
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** @returns the commit */
function pushWithHook(root: string, repository: TestRepository, { url, token }: TestServer): string {
  if (!existsSync(program)) throw new Error("apps/cli/dist/waybill.js does not exist: run script/build first.");
  const file = join(root, "hook-token");
  writeFileSync(file, token, { mode: 0o600 });
  const hook = join(repository.bare, "hooks/post-receive");
  mkdirSync(join(repository.bare, "hooks"), { recursive: true });
  const options = `--server ${url} --token-file '${file}'`;
  // Behind the push: the server is in this process, which waits for it.
  const command = `'${process.execPath}' -- '${program}' hook post-receive ${options}`;
  writeFileSync(hook, `#!/bin/sh\nrefs=$(cat)\n(echo "$refs" | ${command}) >'${root}/hook.log' 2>&1 &\n`);
  chmodSync(hook, 0o755);
  return repository.push({ ".shipinator.yaml": stagedPipeline(root), ...otherPipelines(root) });
}
