import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWeb } from "../../../script/lib/build-web.ts";
import { openTestServer, testRepository, type TestServer } from "../../../apps/server/src/testing/test-server.ts";
import { repositoryRoot } from "../../support/repository.ts";

/** A server with real runs in every state, for pages to be looked at. */
export interface SampleSite {
  readonly server: TestServer;
  readonly projectId: string;
  /** Id of the newest run of each pipeline of `PIPELINES`, by its name. */
  readonly runs: Readonly<Record<string, string>>;
  /** Id of each pipeline, by its name. */
  readonly pipelines: Readonly<Record<string, string>>;
  /** Where they all are; it has a valid file, and one with an error, that no pipeline has been made of yet. */
  readonly repositoryUrl: string;
  /** Starts a pipeline of `PIPELINES`. @returns the run's id */
  start(pipeline: string): Promise<string>;
  /** Resolves when a run has settled. */
  settled(runId: string): Promise<void>;
  /** Lets the runs of `deploy-window` end. */
  release(): void;
  close(): Promise<void>;
}

/** What a hostile or careless author calls things. */
export const HOSTILE_NAME = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
export const LONG_NAME = `${"a very long name of a step that nobody could read to its end ".repeat(4)}.`;

/** Pipelines that no run is made of at first. */
const BY_HAND: ReadonlySet<string> = new Set(["endless", "release"]);

const UNUSED_FILES: Readonly<Record<string, string>> = {
  "waybill.yaml": "name: site\njobs:\n  build: { steps: [{ name: make, script: [make] }] }\n",
  "docs/waybill.yaml": "name: docs\njobs:\n  check: { depends_on: [biuld], steps: [{ name: l, script: [make] }] }\n",
};

function step(name: string, ...script: readonly string[]): object {
  return { name, script };
}

function pipelinesOf(flag: string): Readonly<Record<string, object>> {
  const wait = `n=0; while [ ! -e '${flag}' ] && [ $n -lt 1200 ]; do sleep 0.1; n=$((n+1)); done`;
  return {
    storefront: {
      name: "storefront",
      jobs: {
        compile: {
          artifacts: { compiled: "build" },
          steps: [
            step("install", "echo 'added 214 packages in 2s'"),
            step(
              "compile",
              "mkdir build",
              "echo compiled > build/app.js",
              "printf '\\033[32m✓\\033[0m 218 modules transformed\\n'",
            ),
          ],
        },
        "unit-tests": {
          depends_on: ["compile"],
          steps: [
            step(
              "test",
              "for i in 1 2 3 4 5 6 7 8; do printf '\\033[32m✓\\033[0m cart %s passes\\n' $i; done",
              "sleep 0.2",
            ),
          ],
        },
        lint: { depends_on: ["compile"], steps: [step("lint", "echo 'no problems in 61 files'")] },
        "browser-tests": {
          depends_on: ["compile"],
          steps: [step("install browsers", "sleep 0.3"), step("test", "echo '12 pages, 0 faults'")],
        },
        package: {
          depends_on: ["unit-tests", "lint"],
          artifacts: { package: "out" },
          steps: [step("package", "mkdir out", "head -c 20000 /dev/zero > out/shop.tgz", "echo 'out/shop.tgz 20 kB'")],
        },
        "smoke-test": {
          depends_on: ["package", "browser-tests"],
          steps: [step("start and use it", "echo 'listening on 8080'", "sleep 0.2", "echo 'GET / 200 in 4 ms'")],
        },
      },
    },
    payments: {
      name: "payments",
      jobs: {
        build: { steps: [step("compile", 'for i in $(seq 1 40); do echo "compiling module $i of 40"; done')] },
        "unit-tests": {
          depends_on: ["build"],
          steps: [
            step("start database", "echo 'postgres is ready'"),
            step(
              "test",
              "for i in $(seq 1 120); do printf '\\033[32m✓\\033[0m payment %s is booked once\\n' $i; done",
              "printf '\\033[31m✗ refund is booked once\\033[0m\\n'",
              "echo '  AssertionError: expected 2 to be 1'",
              "echo '    at refund.test.ts:41:18'",
              'for i in $(seq 1 30); do echo "  trace $i"; done',
              "exit 1",
            ),
          ],
        },
        lint: { depends_on: ["build"], steps: [step("lint", "echo ok")] },
        publish: { depends_on: ["unit-tests", "lint"], steps: [step("publish", "echo never")] },
        notify: { depends_on: ["publish"], steps: [step("notify", "echo never")] },
      },
    },
    "deploy-window": {
      name: "deploy-window",
      jobs: {
        prepare: { steps: [step("prepare", "echo ready")] },
        migrate: {
          depends_on: ["prepare"],
          steps: [step("migrate", "echo 'waiting for the window'", wait, "echo done")],
        },
        roll: { depends_on: ["migrate"], steps: [step("roll out", "echo rolled")] },
        verify: { depends_on: ["roll"], steps: [step("verify", "echo verified")] },
      },
    },
    release: {
      name: "release",
      inputs: {
        version: { description: "What is released, as 1.4.2", required: true },
        stage: { type: "choice", options: ["staging", "production"], default: "staging" },
        replicas: { type: "number", default: 2 },
        dry_run: { type: "boolean", description: "only says what it would do" },
      },
      triggers: [{ event: "tag", tags: "v*" }],
      schedule: [{ cron: "30 4 * * 1-5", timezone: "Europe/Vienna" }],
      jobs: {
        build: { steps: [step("compile", "echo compiled")] },
        publish: {
          depends_on: ["build"],
          if: "inputs.stage == 'production'",
          steps: [step("publish", "echo ${{ inputs.version }}")],
        },
      },
    },
    endless: { name: "endless", jobs: { wait: { steps: [step("wait", "echo waiting", "exec sleep 300")] } } },
    "hostile-names": {
      name: "hostile-names",
      jobs: {
        ["j".repeat(50)]: {
          steps: [
            step(HOSTILE_NAME, `echo '<script>document.title="owned"</script>'`, "printf 'اسم من اليمين\\n'"),
            step(LONG_NAME, "exit 3"),
          ],
        },
        short: { steps: [step("x", "printf ''")] },
      },
    },
  };
}

/**
 * Opens the site and lets its runs settle, but for that of `deploy-window`, which runs until it is released. `endless` and
 * `release` are there to be started.
 */
export async function openSampleSite(): Promise<SampleSite> {
  await buildWeb(repositoryRoot);
  const root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-site-")));
  const flag = join(root, "window-is-open");
  mkdirSync(join(root, "data"));
  const server = await openTestServer(join(root, "data"), { "max-runs": "8" });
  const json = async (answer: Promise<Response>): Promise<Record<string, string>> => {
    const response = await answer;
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  const repository = testRepository(root);
  const pipelines = pipelinesOf(flag);
  repository.push({
    ...Object.fromEntries(
      Object.entries(pipelines).map(([name, content]) => [`${name}.yaml`, JSON.stringify(content, null, 2)]),
    ),
    ...UNUSED_FILES,
  });
  const { id: projectId = "" } = await json(server.post("/v1/projects", { name: "shop" }));
  const ids = new Map<string, string>();
  for (const name of Object.keys(pipelines)) {
    const body = { project_id: projectId, name, repository_url: repository.url, config_path: `${name}.yaml` };
    ids.set(name, (await json(server.post("/v1/pipelines", body)))["id"] ?? "");
  }
  const start = async (name: string): Promise<string> =>
    (await json(server.post(`/v1/pipelines/${ids.get(name)}/runs`, {})))["id"] ?? "";
  // The stream of a run ends when the run does.
  const settled = async (id: string): Promise<void> =>
    void (await (await server.get(`/v1/pipeline-runs/${id}/events`)).text());
  const runs: Record<string, string> = {};
  for (const name of Object.keys(pipelines)) if (!BY_HAND.has(name)) runs[name] = await start(name);
  await Promise.all(Object.entries(runs).flatMap(([name, id]) => (name === "deploy-window" ? [] : [settled(id)])));
  const release = (): void => writeFileSync(flag, "");
  return {
    server,
    projectId,
    runs,
    pipelines: Object.fromEntries(ids),
    repositoryUrl: repository.url,
    start,
    settled,
    release,
    async close() {
      if (!existsSync(flag)) release();
      await server.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
