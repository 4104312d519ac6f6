import { WaybillError, systemClock } from "@waybill/core";
import { DEFAULT_PLACE, NO_OUTPUT, type Observation } from "@waybill/engine";
import { executorConformance } from "@waybill/engine/testing";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { processExecutor } from "./process-executor.ts";

executorConformance("process", new URL("process-executor.fixture.ts", import.meta.url));

describe("process executor", () => {
  let root: string;
  let executionId: string;
  const step = { index: 0, attempt: 1, name: "step", image: null, environment: {}, workingDirectory: "/workspace" };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "waybill-process-"));
    mkdirSync(join(root, "workspace"));
    executionId = `x-${randomUUID()}`;
  });

  afterEach(async () => {
    await open().close(executionId);
    rmSync(root, { recursive: true, force: true });
  });

  function open(changes: Partial<Parameters<typeof processExecutor>[0]> = {}): ReturnType<typeof processExecutor> {
    return processExecutor({
      directory: join(root, "state"),
      hostEnvironment: process.env,
      clock: systemClock,
      ...changes,
    });
  }

  function specIn(workspace: string): Parameters<ReturnType<typeof processExecutor>["submit"]>[0] {
    return { executionId, runId: "run", jobName: "job", attempt: 1, workspace, images: [], place: DEFAULT_PLACE };
  }

  async function run(executor: ReturnType<typeof open>, script: string[], index = 0): Promise<Observation[]> {
    await executor.submit(specIn(join(root, "workspace")));
    await executor.startStep(executionId, { ...step, index, script });
    return await all(executor.observeStep(executionId, { ...step, index }, NO_OUTPUT));
  }

  function printed(observations: readonly Observation[]): string {
    return observations.map((each) => (each.type === "output" ? each.data.toString() : "")).join("");
  }

  function control(file: string): string {
    return join(root, "state", executionId, file);
  }

  function record(): string {
    return join(root, "state", `${executionId}@execution.json`);
  }

  it("passes nothing of the host's environment on but what programs need", async () => {
    const executor = open({ hostEnvironment: { PATH: process.env["PATH"], LC_ALL: "C", DATABASE_PASSWORD: "secret" } });
    const names = printed(await run(executor, ["env"]))
      .replaceAll(/=.*/g, "")
      .trim()
      .split("\n")
      .toSorted();
    const ofTheShell = ["OLDPWD", "PWD", "SHLVL", "_"];
    const expected = ["CI", "LC_ALL", "PATH", "TMPDIR", "WAYBILL", "WAYBILL_EXECUTION_ID", "WAYBILL_OUTPUT"];
    expect(names.filter((name) => !ofTheShell.includes(name))).toEqual(expected);
  });

  it("lets no step change the variable its processes are known by", async () => {
    const executor = open();
    await executor.submit(specIn(join(root, "workspace")));
    const environment = { WAYBILL_EXECUTION_ID: "mine" };
    await executor.startStep(executionId, { ...step, environment, script: ['echo "$WAYBILL_EXECUTION_ID"'] });
    expect(printed(await all(executor.observeStep(executionId, step, NO_OUTPUT)))).toBe(`${executionId}\n`);
  });

  it("gives the supervisor of a closed execution to the next, and nothing else of it", async () => {
    const executor = open();
    await run(executor, ["umask 077; cd /; X=1; trap '' TERM; exit 3"]);
    const first = supervisorPid();
    await executor.close(executionId);
    const observations = await run(executor, ['umask; pwd -P; echo "$X"; sleep 0; trap']);
    expect(supervisorPid()).toBe(first);
    const umask = process.umask().toString(8).padStart(4, "0");
    expect(printed(observations)).toBe(`${umask}\n${join(root, "workspace")}\n\ntrap -- 'exit 143' TERM\n`);
  });

  it("keeps no supervisor once it is disposed of", async () => {
    const executor = open();
    await run(executor, ["true"]);
    const pid = supervisorPid();
    await executor.close(executionId);
    await executor[Symbol.asyncDispose]();
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it("takes a new supervisor where the step was stopped or the old one is gone", async () => {
    const executor = open();
    await run(executor, ["true"]);
    const first = supervisorPid();
    await executor.close(executionId);
    process.kill(first, "SIGKILL");
    await vi.waitFor(() => expect(() => process.kill(first, 0)).toThrow());
    await run(executor, ["true"]);
    expect(supervisorPid()).not.toBe(first);
  });

  it("names the shell that is missing and leaves no trace", async () => {
    const executor = open({ shell: "/no/such/sh" });
    const submitting = executor.submit(specIn(join(root, "workspace")));
    await expect(submitting).rejects.toMatchObject({ code: "EXECUTOR_SHELL_MISSING" });
    expect(await executor.list()).toEqual([]);
  });

  it.each(["missing", "file"])("refuses a workspace that is no directory: %s", async (name) => {
    writeFileSync(join(root, "file"), "");
    const submitting = open().submit(specIn(join(root, name)));
    await expect(submitting).rejects.toMatchObject({ code: "EXECUTOR_WORKSPACE_UNUSABLE" });
  });

  it("refuses a control directory it cannot make", async () => {
    writeFileSync(join(root, "file"), "");
    const submitting = open({ directory: join(root, "file", "state") }).submit(specIn(join(root, "workspace")));
    await expect(submitting).rejects.toMatchObject({ code: "EXECUTOR_CONTROL_UNUSABLE" });
  });

  it.each([
    ["EXECUTOR_ENVIRONMENT_TOO_LARGE", { BIG: "x".repeat(200_000) }],
    ["EXECUTOR_INVALID_VARIABLE", { "a-b": "x" }],
    ["EXECUTOR_INVALID_VARIABLE", { A: "x\0y" }],
  ])("refuses an environment with %s", async (code, environment: Record<string, string>) => {
    const executor = open();
    await executor.submit(specIn(join(root, "workspace")));
    const starting = executor.startStep(executionId, { ...step, environment, script: ["true"] });
    await expect(starting).rejects.toMatchObject({ code });
    expect(printed(await run(executor, ["echo still usable"]))).toBe("still usable\n");
  });

  it("runs a step whose environment is as large as it may be", async () => {
    const executor = open();
    await executor.submit(specIn(join(root, "workspace")));
    const environment = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`V${i}`, "x".repeat(131_000)]));
    await executor.startStep(executionId, { ...step, environment, script: ['echo "${#V10}"'] });
    const observations = await all(executor.observeStep(executionId, step, NO_OUTPUT));
    expect(printed(observations)).toBe("131000\n");
  });

  it("has wiped the environment off the disk before the step begins", async () => {
    const executor = open();
    await executor.submit(specIn(join(root, "workspace")));
    const script = [`wc -c <'${control("0-1.env")}'`];
    await executor.startStep(executionId, { ...step, environment: { TOKEN: "secret" }, script });
    const observations = await all(executor.observeStep(executionId, step, NO_OUTPUT));
    expect(printed(observations).trim()).toBe("0");
  });

  it("says that an execution is lost when its supervisor was killed", async () => {
    const executor = open();
    await executor.submit(specIn(join(root, "workspace")));
    await executor.startStep(executionId, { ...step, script: ["sleep 1000"] });
    const observing = all(executor.observeStep(executionId, step, NO_OUTPUT));
    process.kill(supervisorPid(), "SIGKILL");
    expect((await observing).at(-1)).toMatchObject({ type: "lost" });
    expect((await executor.status(executionId)).state).toBe("lost");
    const starting = executor.startStep(executionId, { ...step, index: 1, script: ["true"] });
    await expect(starting).rejects.toMatchObject({ code: "EXECUTOR_LOST" });
  });

  it("says so too when the supervisor was killed before this process came", async () => {
    const first = open();
    await first.submit(specIn(join(root, "workspace")));
    await first.startStep(executionId, { ...step, script: ["sleep 1000"] });
    const observing = all(first.observeStep(executionId, step, NO_OUTPUT));
    process.kill(supervisorPid(), "SIGKILL");
    await observing;
    const second = open();
    expect((await second.status(executionId)).state).toBe("lost");
    const observations = await all(second.observeStep(executionId, step, NO_OUTPUT));
    expect(observations.at(-1)).toMatchObject({ type: "lost" });
  });

  it("does not take a process that was given the supervisor's number for the supervisor", async () => {
    await run(open(), ["true"]);
    const content = JSON.parse(readFileSync(record(), "utf8")) as { supervisor: string };
    writeFileSync(record(), JSON.stringify({ ...content, supervisor: `${process.pid} 1` }));
    const second = open();
    expect((await second.status(executionId)).state).toBe("lost");
    await second.close(executionId);
    expect(existsSync(control(""))).toBe(false);
  });

  it("closes a directory whose record a job has destroyed", async () => {
    await run(open(), ["sleep 1000 & true"]);
    writeFileSync(record(), "{".repeat(100_000));
    const second = open();
    await second.close(executionId);
    expect(await second.list()).toEqual([]);
  });

  it("does not follow a link that a job put in place of its output", async () => {
    writeFileSync(join(root, "private"), "private content");
    const directory = join(root, "state", executionId);
    const executor = open();
    await run(executor, ["true"]);
    rmSync(control("0-1.out"));
    symlinkSync(join(root, "private"), join(directory, "0-1.out"));
    expect(printed(await all(executor.observeStep(executionId, step, NO_OUTPUT)))).toBe("");
  });

  it.each(["a link", "a directory", "nonsense"])(
    "says lost where a job replaced the exit status by %s",
    async (kind) => {
      const executor = open();
      await run(executor, ["true"]);
      rmSync(control("0-1.exit"));
      if (kind === "a link") symlinkSync("/etc/passwd", control("0-1.exit"));
      else if (kind === "a directory") mkdirSync(control("0-1.exit"));
      else writeFileSync(control("0-1.exit"), "999\n");
      const observations = await all(executor.observeStep(executionId, step, NO_OUTPUT));
      expect(observations).toMatchObject([{ type: "lost" }]);
    },
  );

  it("writes the next step's secrets into no file a job prepared", async () => {
    const executor = open();
    const target = join(root, "workspace", "target");
    await run(executor, [`echo mine >target; ln -s "$PWD/target" '${control("1-1.env")}'`]);
    await executor.startStep(executionId, { ...step, index: 1, environment: { TOKEN: "secret" }, script: ["true"] });
    await all(executor.observeStep(executionId, { ...step, index: 1 }, NO_OUTPUT));
    expect(readFileSync(target, "utf8")).toBe("mine\n");
  });

  it.each(["with/slash", "..", ".", "a b", "ü"])("keeps an execution of the id %j in its own directory", async (id) => {
    const executor = open();
    await executor.submit({ ...specIn(join(root, "workspace")), executionId: id });
    expect(await executor.list()).toEqual([{ executionId: id, state: "idle" }]);
    await executor.close(id);
    expect(readdirSync(root).toSorted()).toEqual(["state", "workspace"]);
  });

  it.each(["", "x".repeat(300), "\ud800"])("refuses an id that can name no directory", async (id) => {
    const submitting = open().submit({ ...specIn(join(root, "workspace")), executionId: id });
    await expect(submitting).rejects.toBeInstanceOf(WaybillError);
  });

  async function all(observations: AsyncIterable<Observation>): Promise<Observation[]> {
    const found: Observation[] = [];
    for await (const observation of observations) found.push(observation);
    return found;
  }

  function supervisorPid(): number {
    const content = JSON.parse(readFileSync(record(), "utf8")) as { supervisor: string };
    return Number(content.supervisor.split(" ")[0]);
  }
});
