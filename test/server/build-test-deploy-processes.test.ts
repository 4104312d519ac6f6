import { randomUUID } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { PostgresDatabase } from "../support/postgres-database.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { program, runCommand } from "../support/waybill.ts";
import { pushedRepository } from "./support/pushed-repository.ts";
import { getJson, postJson, spawnServer, startServer, type ServerProcess } from "./support/server-process.ts";
import type { Json } from "./support/staged-server.ts";

// Of the plan's 28 items those that are about a server as a process; the others are in build-test-deploy-items.test.ts.

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Without what this machine may say of another server. */
const CLEAN = { WAYBILL_TOKEN: undefined, WAYBILL_SERVER: undefined, NODE_PATH: undefined };

async function until<Value>(look: () => Value | Promise<Value>): Promise<NonNullable<Value>> {
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    await setTimeout(10);
  }
}

async function createPipeline(server: ServerProcess, url: string): Promise<string> {
  const { id } = await postJson(`${server.url}/v1/projects`, { name: "shop" });
  const about = { project_id: id, name: "build", repository_url: url };
  return String((await postJson(`${server.url}/v1/pipelines`, about))["id"]);
}

async function runOf(server: ServerProcess, pipeline: string): Promise<Json> {
  const { items } = await getJson(`${server.url}/v1/pipelines/${pipeline}/runs`);
  return (items as Json)[0];
}

describeWith("postgres", "a server on PostgreSQL", () => {
  test("item 2: a server is configured by a file, SHIPINATOR_ variables over it, and tells nobody the password; item 4: it makes its tables at the start", async () => {
    const root = await temporaryDirectory();
    const database = await PostgresDatabase.create();
    try {
      const user = `shipinator_${randomUUID().replaceAll("-", "")}`;
      const password = "correct horse#battery/staple";
      await database.execute(
        `create role ${user} login password '${password}'; grant all on database ${database.name} to ${user}; grant all on schema public to ${user}`,
      );
      const { hostname, port, searchParams } = new URL(database.url);
      const host = hostname === "" ? (searchParams.get("host") ?? "") : hostname;
      const fields = { user, password: "wrong", name: database.name, ssl_mode: "disable" };
      const file = join(root, "server.yaml");
      // 127.0.0.1:1 would be refused: the variable beats it.
      writeFileSync(
        file,
        JSON.stringify({
          listen: "127.0.0.1:1",
          data: join(root, "data"),
          executor: "process",
          db: { host: "nowhere.invalid", ...fields },
        }),
      );
      const environment = {
        ...CLEAN,
        SHIPINATOR_LISTEN_ADDR: "127.0.0.1:0",
        SHIPINATOR_ARTIFACT_STORE_PATH: join(root, "kept"),
        SHIPINATOR_DB_HOST: host,
        SHIPINATOR_DB_PORT: port,
        SHIPINATOR_DB_USER: user,
        SHIPINATOR_DB_PASSWORD: password,
        SHIPINATOR_DB_NAME: database.name,
        SHIPINATOR_DB_SSL_MODE: "disable",
      };
      const start = (): Promise<ServerProcess> => spawnServer(["server", "--config", file], { environment });
      const server = await start();
      expect((await fetch(`${server.url}/ready`)).status).toBe(200);
      expect(server.log() + server.printed()).not.toContain("horse");

      const names = async (sql: string): Promise<readonly unknown[]> =>
        (await database.execute(sql)).map((row) => Object.values(row).join(" "));
      const tables = [
        "artifacts",
        "executions",
        "job_steps",
        "jobs",
        "pipeline_runs",
        "pipelines",
        "projects",
        "repositories",
      ];
      const listed = tables.map((name) => `'${name}'`).join(", ");
      expect(
        await names(
          `select tablename from pg_tables where schemaname = 'public' and tablename in (${listed}) order by 1`,
        ),
      ).toEqual(tables);
      const parents = await names(
        "select conrelid::regclass || ' ' || confrelid::regclass from pg_constraint where contype = 'f' order by 1",
      );
      for (const link of [
        "artifacts jobs",
        "executions jobs",
        "job_steps jobs",
        "jobs pipeline_runs",
        "pipeline_runs pipelines",
        "pipelines repositories",
        "repositories projects",
      ]) {
        expect(parents).toContain(link);
      }
      const migrations = "select name, timestamp from kysely_migration order by 1";
      const applied = await names(migrations);
      expect(applied.length).toBeGreaterThan(8);
      expect(await server.end("SIGTERM")).toEqual([0, null]);
      const again = await start();
      expect(await names(migrations)).toEqual(applied);
      await again.end("SIGTERM");
      await database.execute(`reassign owned by ${user} to current_user; drop owned by ${user}; drop role ${user}`);
    } finally {
      await database.drop();
    }
  });
});

describeWith("git", "a server as a process", () => {
  test("item 3: all that it depends on comes with it; item 20: it serves once its parts are there, in a place of its own", async () => {
    const root = await temporaryDirectory();
    const copy = join(root, "waybill");
    cpSync(dirname(program), copy, { recursive: true });
    const options = { program: join(copy, "waybill.js"), cwd: root, environment: CLEAN };
    const args = ["server", "--data", join(root, "data"), "--executor", "process", "--listen"];
    const server = await spawnServer([...args, "127.0.0.1:0"], options);
    // Database, migrations and recovery are behind it when it says where it is.
    expect(existsSync(join(root, "data/waybill.db"))).toBe(true);
    for (const path of ["/health", "/ready"]) expect((await fetch(server.url + path)).status).toBe(200);
    expect((await fetch(`${server.url}/v1/projects`)).status).toBe(401);
    const token = await runCommand(
      process.execPath,
      ["--", options.program, "server", "--data", join(root, "data"), "token", "t", "--role", "admin"],
      options,
    );
    const headers = { authorization: `Bearer ${token.stdout.trim()}`, "content-type": "application/json" };
    const created = await fetch(`${server.url}/v1/projects`, { method: "POST", headers, body: '{"name":"shop"}' });
    const project: Json = await created.json();
    expect(project).toMatchObject({ name: "shop", id: expect.stringMatching(UUID) });
    const missing = await fetch(`${server.url}/v1/nothing`, { headers });
    expect([missing.status, missing.headers.get("content-type")]).toEqual([
      404,
      expect.stringContaining("problem+json"),
    ]);
    // Where the place is taken it ends, and leaves the one that is there alone.
    await expect(spawnServer([...args, new URL(server.url).host], options)).rejects.toThrow("SERVER_CANNOT_LISTEN");
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
    expect(await server.end("SIGTERM")).toEqual([0, null]);
  });

  test.each([
    ["item 21: shutdown ends the server cleanly, and not what runs", "SIGTERM", [0, null]],
    [
      "item 22: after a crash the next server takes up what was running, and nothing runs twice",
      "SIGKILL",
      [null, "SIGKILL"],
    ],
  ] as const)("%s", async (_, signal, outcome) => {
    const root = await temporaryDirectory();
    const data = join(root, "data");
    const first = await startServer(data);
    const repository = await pushedRepository(root, () => first.url);
    const pipeline = await createPipeline(first, repository.url);
    const wait = `until [ -e ${root}/go ]; do sleep 0.02; done`;
    await repository.push({
      "waybill.yaml": `name: shop
jobs:
  build:
    steps:
      - { name: first, script: ["echo first >>${root}/steps"] }
      - { name: long, script: ["echo up", "echo begun >>${root}/steps", "${wait}", "echo down", "echo over >>${root}/steps"] }
      - { name: last, script: ["echo last >>${root}/steps"] }
  test: { depends_on: [build], steps: [{ name: after, script: ["cat source >>${root}/steps"] }] }
`,
      source: "after\n",
    });
    const steps = (): string => (existsSync(join(root, "steps")) ? readFileSync(join(root, "steps"), "utf8") : "");
    await until(() => steps() === "first\nbegun\n");
    expect(await first.end(signal)).toEqual(outcome);
    // The step goes on while nobody is there, and ends.
    writeFileSync(join(root, "go"), "");
    await until(() => steps() === "first\nbegun\nover\n");
    const second = await startServer(data);
    const run = await until(async () => {
      const told = await runOf(second, pipeline);
      return told.finished_at === null ? null : told;
    });
    expect(run.status).toBe("success");
    expect(steps()).toBe("first\nbegun\nover\nlast\nafter\n");
    const { items } = await getJson(`${second.url}/v1/pipeline-runs/${run.id}/jobs`);
    expect((items as Json).map(({ attempts }: Json) => attempts)).toEqual([1, 1]);
    const { items: lines } = await getJson(`${second.url}/v1/jobs/${(items as Json)[0].id}/logs`);
    expect((lines as Json).map(({ text }: Json) => text)).toEqual(["up", "down"]);
  });

  test("item 28: a run builds, tests and deploys the server that drives it, and ends under the new one", async () => {
    const root = await temporaryDirectory();
    const releases = join(root, "releases");
    mkdirSync(releases);
    cpSync(dirname(program), join(releases, "one"), { recursive: true });
    symlinkSync("one", join(releases, "current"));
    const address = `127.0.0.1:${await freePort()}`;
    const args = ["server", "--data", join(root, "data"), "--file-repositories", root, "--executor", "process"];
    const current = join(releases, "current/waybill.js");
    const serve = async (): Promise<ServerProcess> => {
      const release = realpathSync(join(releases, "current"));
      const server = await spawnServer([...args, "--listen", address], {
        program: join(release, "waybill.js"),
        environment: CLEAN,
      });
      writeFileSync(join(root, "pid"), String(server.pid));
      writeFileSync(join(root, "serving.new"), release);
      renameSync(join(root, "serving.new"), join(root, "serving"));
      return server;
    };
    const first = await serve();
    const over = first.exited;
    const tokenArgs = ["token", "deployer", "--role", "admin"];
    const token = await runCommand(process.execPath, ["--", current, ...args, ...tokenArgs], { cwd: root });
    const headers = { authorization: `Bearer ${token.stdout.trim()}`, "content-type": "application/json" };
    const call = async (method: string, path: string, body?: unknown): Promise<Json> => {
      const response = await fetch(`http://${address}${path}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
      });
      const answer: Json = await response.json();
      if (!response.ok) throw new Error(JSON.stringify(answer));
      return answer;
    };
    const bare = join(root, "own.git");
    const clone = join(root, "own");
    const git = async (...command: readonly string[]): Promise<void> => {
      const identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-C", clone];
      const { exitCode, stderr } = await runCommand("git", [...identity, ...command], { cwd: root });
      if (exitCode !== 0) throw new Error(stderr);
    };
    mkdirSync(clone);
    await git("init", "-q", "--bare", "-b", "main", bare);
    await git("init", "-q", "-b", "main", ".");
    const node = `'${process.execPath}' --`;
    writeFileSync(
      join(clone, "waybill.yaml"),
      `name: own
jobs:
  build:
    steps: [{ name: bundle, script: ["cp -r '${dirname(program)}' server", "echo two > server/RELEASE"] }]
    artifacts: { server: [server] }
  test:
    depends_on: [build]
    steps: [{ name: smoke, script: ["${node} server/waybill.js --version", "grep two server/RELEASE"] }]
  deploy:
    depends_on: [build, test]
    steps:
      - name: replace
        script:
          - cp -r server ${releases}/two && ln -s two ${releases}/next && mv -T ${releases}/next ${releases}/current
          - echo deployed >>${root}/deployments && kill -TERM "$(cat ${root}/pid)"
      - name: wait
        script: ["until [ \\"$(cat ${root}/serving)\\" = '${releases}/two' ]; do sleep 0.05; done"]
`,
    );
    await git("add", "--all");
    await git("commit", "-qm", "x");
    await git("push", "-q", bare, "HEAD");
    const project = await call("POST", "/v1/projects", { name: "waybill" });
    const about = { project_id: project.id, name: "own", repository_url: `file://${bare}` };
    const pipeline = await call("POST", "/v1/pipelines", about);
    const run = await call("POST", `/v1/pipelines/${pipeline.id}/runs`, {});
    // What keeps a service up does no more: it starts what is current whenever the server has ended.
    expect(await over).toEqual([0, null]);
    const second = await serve();
    const ended = await until(async () => {
      const told = await call("GET", `/v1/pipeline-runs/${run.id}`);
      return told.finished_at === null ? null : told;
    });
    expect(ended).toMatchObject({ status: "success", progress: { status: "SUCCESS", phase: "DEPLOYED" } });
    expect(readFileSync(join(root, "deployments"), "utf8")).toBe("deployed\n");
    expect(readFileSync(join(realpathSync(join(releases, "current")), "RELEASE"), "utf8")).toBe("two\n");
    const { items } = await call("GET", `/v1/pipeline-runs/${run.id}/jobs`);
    expect(items.map(({ name, attempts }: Json) => [name, attempts])).toEqual([
      ["build", 1],
      ["test", 1],
      ["deploy", 1],
    ]);
    expect(await second.end("SIGTERM")).toEqual([0, null]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
