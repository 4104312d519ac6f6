/**
 * `node dying-run.ts EXECUTOR POINT [cancel]`: runs the pipeline of the working directory as `waybill run` does, or goes
 * on with its run, or ends that, and kills itself at a point of its way: `before store.commit 3` is just before the third
 * call of that port, `after …` when it returned and nobody knows yet. Without such a point on its way it ends by itself,
 * with exit code 0 after a success.
 *
 * Steps that see nothing of this machine but their workspace find the file `../marks` there: a link to the same file.
 */
import { openArtifactStore } from "@waybill/artifacts";
import { systemClock, systemIds, systemRandom } from "@waybill/core";
import { openRunStore } from "@waybill/database";
import { createEngine, onlyExecutor, type EnginePorts } from "@waybill/engine";
import { openWorkspaces } from "@waybill/executors";
import { openLogStore } from "@waybill/logs";
import { parsePipeline } from "@waybill/pipeline";
import { linkSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { override } from "../../engine/support/override.ts";
import { openExecutor, type ExecutorName } from "../../support/executors.ts";
import { SECRETS } from "./crash-pipeline.ts";
import { wildClock } from "./wild-clock.ts";

const [, , executorName = "", point = "", mode = ""] = process.argv;
const project = process.cwd();
const state = join(project, ".waybill");
const wild = process.env["WAYBILL_CRASH_CLOCK"] === "wild" ? wildClock() : null;
const clock = wild ?? systemClock;
const calls = new Map<string, number>();

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("killed");
}

/** The port with a place to die before and after each call of the methods named. */
function mortal<Port extends object>(name: string, port: Port, methods: readonly (keyof Port & string)[]): Port {
  return new Proxy(port, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      const call = (...args: readonly unknown[]): unknown => Reflect.apply(value, target, args);
      if (!(methods as readonly (string | symbol)[]).includes(key)) return call;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        const count = (calls.get(`${name}.${String(key)}`) ?? 0) + 1;
        calls.set(`${name}.${String(key)}`, count);
        const place = `${name}.${String(key)} ${count}`;
        if (point === `before ${place}`) die();
        const result = await call(...args);
        if (point === `after ${place}`) die();
        process.stdout.write(`${place}\n`);
        return result;
      };
    },
  });
}

const store = await openRunStore(join(state, "waybill.db"));
const executor = openExecutor(executorName as ExecutorName, {
  directory: join(state, "executions"),
  clock,
});
const plain = openWorkspaces({ directory: join(state, "workspaces"), source: project });
const workspaces = override(plain, {
  async create(...args) {
    const workspace = await plain.create(...args);
    if (executorName !== "process") linkSync(join(project, "../marks"), join(workspace, "marks"));
    return workspace;
  },
});
const ports: EnginePorts = {
  clock,
  random: systemRandom,
  ids: systemIds,
  store: mortal("store", store, ["claim", "create", "commit"]),
  executors: onlyExecutor(mortal("executor", executor, ["submit", "startStep", "close"])),
  workspaces: mortal("workspaces", workspaces, ["snapshot", "create", "remove", "removeRun"]),
  artifacts: mortal("artifacts", openArtifactStore(join(state, "artifacts")), ["save", "restore"]),
  logs: openLogStore(join(state, "logs")),
};
const engine = createEngine(ports);
const variables = { concurrency: 4, parameters: {}, system: {}, secrets: SECRETS };
try {
  tell(await engine.sweep());
  const run = await store.find("1");
  if (mode === "cancel") {
    if (run !== null) await engine.cancel(run);
  } else {
    if (run !== null) wild?.goWild();
    const handle = run === null ? await begin() : await engine.resume({ run, ...variables });
    wild?.goWild();
    const { status, warnings } = await handle.finished;
    tell(warnings);
    process.exitCode = status === "success" ? 0 : 1;
  }
} finally {
  await executor[Symbol.asyncDispose]();
  await store.close();
}

function tell(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
}

async function begin(): ReturnType<typeof engine.start> {
  const file = "waybill.yaml";
  const { definition, errors } = parsePipeline(readFileSync(file, "utf8"), { file, now: 0 });
  if (definition === null) throw new Error(JSON.stringify(errors));
  return await engine.start({ definition, file, trigger: "manual", jobs: null, ...variables });
}
