import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTestServer, testRepository, type TestServer } from "../../../apps/server/src/testing/test-server.ts";
import { buildWeb } from "../../../script/lib/build-web.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { program, runCommand } from "../../support/waybill.ts";

export const GRAPH_JOBS = 500;
/** How many the job `chatty` prints, and how many of them in a second. */
export const CHATTY = { lines: 10_000, perSecond: 5_000 };

const HOSTILE = `<img src=x onerror="document.title='owned'">`;
const FROM_RIGHT = "اسم من اليمين";

/** A server for what the run page has to bear: large graphs, long logs, strange names. */
export interface RunSite {
  readonly server: TestServer;
  /** @returns the run's id */
  start(pipeline: "graph" | "log" | "chatty" | "hostile"): Promise<string>;
  settled(runId: string): Promise<void>;
  jobsOf(runId: string): Promise<readonly { readonly id: string; readonly name: string }[]>;
  /** Adds lines to what a settled job has printed. */
  print(runId: string, job: string, count: number, textOf: (at: number) => string): Promise<void>;
  /** Pushes a commit to a repository that tells the server, as people do. */
  push(): Promise<void>;
  close(): Promise<void>;
}

/** Layers of 50 jobs, each behind three of the layer before; the first waits, so that none of the others begins. */
function graphOf(): object {
  const jobs: Record<string, object> = { start: { steps: [{ name: "wait", script: ["exec sleep 600"] }] } };
  for (let at = 1; at < GRAPH_JOBS; at += 1) {
    const layer = Math.floor((at - 1) / 50);
    const before = (step: number): string => `job${(layer - 1) * 50 + 1 + ((at * 7 + step * 13) % 50)}`;
    const depends_on = layer === 0 ? ["start"] : [...new Set([before(0), before(1), before(2)])];
    jobs[`job${at}`] = { depends_on, steps: [{ name: "work", script: ["true"] }] };
  }
  return { name: "graph", jobs };
}

function chattyScript(): string {
  const each = CHATTY.perSecond / 50;
  const print = `for(let i=0;i<${each};i++)t+="line "+(++n)+" of what is followed\\n"`;
  const turn = `let t="";${print};process.stdout.write(t);if(n>=${CHATTY.lines})clearInterval(h)`;
  return `'${process.execPath}' -e 'let n=0;const h=setInterval(()=>{${turn}},20)'`;
}

const PIPELINES = {
  graph: graphOf(),
  log: {
    name: "log",
    jobs: {
      quick: {
        steps: [
          {
            name: "first",
            script: ["echo '::group::Install'", "echo installing", "echo '::endgroup::'", "echo first"],
          },
          { name: "second", script: ["printf 'half\\rwhole\\n'"] },
        ],
      },
    },
  },
  chatty: { name: "chatty", jobs: { chatty: { steps: [{ name: "chat", script: [chattyScript()] }] } } },
  hostile: {
    name: "hostile",
    global_env: { MARKUP: HOSTILE, NOTHING: "", RIGHT: FROM_RIGHT },
    jobs: {
      strange: {
        artifacts: { files: "out" },
        steps: [
          {
            name: `${HOSTILE}${FROM_RIGHT}`,
            script: [
              "mkdir out",
              `touch "out/$MARKUP" out/${FROM_RIGHT} out/${"n".repeat(200)}`,
              'printf \'text=%s\\n\' "$MARKUP" >> "$WAYBILL_OUTPUT"',
              'printf "%s\\n" "$MARKUP" "" "$RIGHT"',
              `head -c 20000 /dev/zero | tr '\\0' x; echo`,
              "printf '\\033]8;;javascript:alert(1)\\033\\\\link\\033]8;;\\033\\\\\\n'",
            ],
          },
        ],
      },
    },
  },
} as const;

export async function openRunSite(): Promise<RunSite> {
  await buildWeb(repositoryRoot);
  const root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-run-site-")));
  for (const directory of ["data", "a", "b"]) mkdirSync(join(root, directory));
  const server = await openTestServer(join(root, "data"), { "max-runs": "8" });
  const json = async (answer: Promise<Response>): Promise<Record<string, string>> => {
    const response = await answer;
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  const repository = testRepository(join(root, "a"));
  repository.push(
    Object.fromEntries(Object.entries(PIPELINES).map(([name, content]) => [`${name}.yaml`, JSON.stringify(content)])),
  );
  const pushed = testRepository(join(root, "b"));
  const { id: project = "" } = await json(server.post("/v1/projects", { name: "shop" }));
  const create = async (name: string, url: string, file: string): Promise<string> => {
    const body = { project_id: project, name, repository_url: url, config_path: file };
    return (await json(server.post("/v1/pipelines", body)))["id"] ?? "";
  };
  const ids = new Map<string, string>();
  for (const name of Object.keys(PIPELINES)) ids.set(name, await create(name, repository.url, `${name}.yaml`));
  await create("pushed", pushed.url, "waybill.yaml");
  return {
    server,
    start: async (name) => (await json(server.post(`/v1/pipelines/${ids.get(name)}/runs`, {})))["id"] ?? "",
    // The stream of a run ends when the run does.
    settled: async (id) => void (await (await server.get(`/v1/pipeline-runs/${id}/events`)).text()),
    async jobsOf(id) {
      const { items } = (await (await server.get(`/v1/pipeline-runs/${id}/jobs`)).json()) as {
        items: { id: string; name: string }[];
      };
      return items;
    },
    async print(runId, job, count, textOf) {
      const writer = server.services.logs.write(runId, job);
      const time = Date.now();
      for (let at = 0; at < count; at += 10_000) {
        const size = Math.min(10_000, count - at);
        writer.append(
          Array.from({ length: size }, (_, index) => ({
            time: time + at + index,
            stream: "stdout" as const,
            step: 1,
            attempt: 1,
            sourceOffset: 0,
            text: textOf(at + index),
          })),
        );
        await writer.flush();
      }
      await writer.close();
    },
    async push() {
      const token = join(root, "hook-token");
      writeFileSync(token, server.token, { mode: 0o600 });
      const hook = join(pushed.bare, "hooks/post-receive");
      const options = `--server ${server.url} --token-file '${token}'`;
      writeFileSync(hook, `#!/bin/sh\nexec '${process.execPath}' -- '${program}' hook post-receive ${options}\n`);
      chmodSync(hook, 0o755);
      const clone = join(root, "b/clone");
      const file = {
        name: "pushed",
        jobs: { greet: { steps: [{ name: "greet", script: ["sleep 1", "echo hello"] }] } },
      };
      writeFileSync(join(clone, "waybill.yaml"), JSON.stringify(file));
      pushed.git("add", "--all");
      pushed.git("commit", "-qm", "greet");
      // Not by a call that waits: the server that the hook talks to is in this process.
      const { exitCode, stderr } = await runCommand("git", ["push", "origin", "HEAD"], { cwd: clone });
      if (exitCode !== 0) throw new Error(stderr);
    },
    async close() {
      await server.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
