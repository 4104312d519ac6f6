import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DEFAULT_PLACE } from "@waybill/pipeline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  NO_OUTPUT,
  type ExecutionSpec,
  type Executor,
  type Observation,
  type OutputOffsets,
  type StepReference,
  type StepSpec,
} from "../ports/executor.ts";

/** What a module under test exports. A module rather than a function: one test runs it in a process that is killed. */
export interface ExecutorModule {
  /** A new executor on the state kept in `directory`, with the system clock. */
  readonly openExecutor: (directory: string) => Executor;
}

/** A generous end for what should take milliseconds; nothing is measured against it. */
const PATIENCE_MS = 20_000;
const BIG_OUTPUT_BYTES = 200_000_000;
const BIG_OUTPUT_MEMORY = 100_000_000;

/**
 * What the engine relies on, as tests that every executor passes. Needs Linux: what is left over is looked for in
 * `/proc`.
 *
 * @param module URL of an `ExecutorModule`
 */
export function executorConformance(name: string, module: URL): void {
  describe(`executor "${name}"`, { timeout: 60_000 }, () => {
    let root: string;
    let state: string;
    let openExecutor: ExecutorModule["openExecutor"];
    let executor: Executor;
    let spec: ExecutionSpec;

    beforeEach(async () => {
      ({ openExecutor } = (await import(module.href)) as ExecutorModule);
      root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-conformance-")));
      state = join(root, "state");
      const workspace = join(root, "workspace");
      mkdirSync(workspace);
      executor = openExecutor(state);
      spec = {
        executionId: `x-${randomUUID()}`,
        runId: "run",
        jobName: "job",
        attempt: 1,
        workspace,
        images: [],
        place: DEFAULT_PLACE,
      };
    });

    afterEach(async () => {
      await openExecutor(state).close(spec.executionId);
      rmSync(root, { recursive: true, force: true });
    });

    /** Starts a step in a submitted execution. */
    async function start(script: string | readonly string[], changes: Partial<StepSpec> = {}): Promise<StepSpec> {
      const step = stepOf(script, changes);
      await executor.submit(spec);
      await executor.startStep(spec.executionId, step);
      return step;
    }

    async function observe(step: StepReference, from: OutputOffsets = NO_OUTPUT): Promise<Outcome> {
      return await collect(executor.observeStep(spec.executionId, step, from));
    }

    async function run(script: string | readonly string[], changes: Partial<StepSpec> = {}): Promise<Outcome> {
      return await observe(await start(script, changes));
    }

    /** Resolves when the step has printed `text` on stdout. */
    async function seen(step: StepReference, text: string): Promise<void> {
      let printed = "";
      for await (const observation of executor.observeStep(spec.executionId, step, NO_OUTPUT)) {
        if (observation.type !== "output") throw new Error(`The step ended before it printed "${text}".`);
        printed += observation.data.toString();
        if (printed.includes(text)) return;
      }
    }

    it("reports what a step prints and its exit code", async () => {
      const outcome = await run(["echo hello", "exit 3"]);
      expect(outcome).toMatchObject({ stdout: "hello\n", stderr: "", end: { exitCode: 3, signal: null } });
    });

    it("keeps stderr apart from stdout", async () => {
      expect(await run("echo out; echo err >&2")).toMatchObject({ stdout: "out\n", stderr: "err\n" });
    });

    it("loses nothing where a script opens its output again", async () => {
      const lines = ["echo 1", "echo 2 >/dev/stderr", "echo 3 >/dev/stdout", "echo 4", "echo 5 >/dev/stderr"];
      expect(await run(lines)).toMatchObject({ stdout: "1\n3\n4\n", stderr: "2\n5\n", end: { exitCode: 0 } });
    });

    it.each([0, 1, 127, 128, 130, 137, 143, 255])("reports exit code %i as it is", async (exitCode) => {
      expect((await run(`exit ${exitCode}`)).end).toMatchObject({ type: "finished", exitCode, signal: null });
    });

    it("ends a step at its first failing entry", async () => {
      const outcome = await run(["echo one", "false && true", "echo two"]);
      expect(outcome).toMatchObject({ stdout: "one\n", end: { exitCode: 1 } });
    });

    it("keeps the workspace for the steps that follow", async () => {
      await run("echo kept >file");
      expect(await run("cat file", { index: 1 })).toMatchObject({ stdout: "kept\n", end: { exitCode: 0 } });
    });

    it("numbers the attempts of a step apart", async () => {
      expect(await run("exit 1")).toMatchObject({ end: { exitCode: 1 } });
      expect(await run("echo again", { attempt: 2 })).toMatchObject({ stdout: "again\n", end: { exitCode: 0 } });
    });

    it("starts a step in the workspace unless it says otherwise", async () => {
      expect((await run("pwd -P")).stdout).toBe(`${executor.workspacePath(spec.workspace)}\n`);
      mkdirSync(join(spec.workspace, "sub folder"));
      const relative = await run("pwd -P", { index: 1, workingDirectory: "sub folder" });
      expect(relative.stdout).toBe(`${executor.workspacePath(spec.workspace)}/sub folder\n`);
      const absolute = await run("pwd -P", { index: 2, workingDirectory: "/workspace/sub folder" });
      expect(absolute.stdout).toBe(relative.stdout);
    });

    it.each([
      ["no/such/folder", "EXECUTOR_WORKING_DIRECTORY_MISSING"],
      ["../..", "EXECUTOR_WORKING_DIRECTORY_OUTSIDE"],
    ])("refuses the working directory %s", async (workingDirectory, code) => {
      await executor.submit(spec);
      const starting = executor.startStep(spec.executionId, stepOf("true", { workingDirectory }));
      await expect(starting).rejects.toMatchObject({ code });
    });

    it("hands the environment over to the letter", async () => {
      const VALUE = "a 'b' \"c\" $HOME `d` \\ \n e=f ü\t*";
      const outcome = await run('printf %s "$VALUE"', { environment: { VALUE, step: "1", code: "2", IFS: "x" } });
      expect(outcome.stdout).toBe(VALUE);
    });

    it("marks itself as a CI system and gives a temporary directory", async () => {
      const outcome = await run('echo "$CI $WAYBILL"; test -d "$TMPDIR" && test -w "$TMPDIR"');
      expect(outcome).toMatchObject({ stdout: "true true\n", end: { exitCode: 0 } });
    });

    it("gives a step nothing to read on its standard input", async () => {
      expect(await run("cat; echo end")).toMatchObject({ stdout: "end\n", end: { exitCode: 0 } });
    });

    it("goes on exactly at the offset it is given", async () => {
      const step = await start("printf 0123456789; printf abcdef >&2");
      await observe(step);
      const rest = await observe(step, { stdout: 4, stderr: 6 });
      expect(rest).toMatchObject({ stdout: "456789", stderr: "", offsets: { stdout: 10 } });
    });

    it("passes on output without a final newline, and bytes that are no text", async () => {
      const outcome = await run("printf '\\000\\377\\376x'");
      expect(outcome.stdoutBytes).toEqual(Buffer.from([0, 255, 254, 120]));
    });

    it("shows output while the step still runs", async () => {
      const step = await start(["echo ready", "while [ ! -e go ]; do sleep 0.01; done"]);
      await seen(step, "ready");
      expect((await executor.status(spec.executionId)).state).toBe("running");
      await executor.stopStep(spec.executionId, 0);
      await observe(step);
      expect((await executor.status(spec.executionId)).state).toBe("idle");
    });

    it("passes 200 MB on in flat memory", async () => {
      const step = await start(`head -c ${BIG_OUTPUT_BYTES} /dev/zero`);
      const before = process.memoryUsage().rss;
      let highest = before;
      let bytes = 0;
      for await (const observation of executor.observeStep(spec.executionId, step, NO_OUTPUT)) {
        if (observation.type === "output") bytes += observation.data.length;
        highest = Math.max(highest, process.memoryUsage().rss);
      }
      expect(bytes).toBe(BIG_OUTPUT_BYTES);
      expect(highest - before).toBeLessThan(BIG_OUTPUT_MEMORY);
    });

    it("does not wait for a background process that holds the output open", async () => {
      const outcome = await run("sleep 1000 & echo started");
      expect(outcome).toMatchObject({ stdout: "started\n", end: { exitCode: 0 } });
    });

    it("stops a step with SIGTERM and survives to run another", async () => {
      const step = await start(["echo ready", "sleep 1000"]);
      await seen(step, "ready");
      await executor.stopStep(spec.executionId, PATIENCE_MS);
      expect((await observe(step)).end).toMatchObject({ type: "finished", exitCode: null, signal: "SIGTERM" });
      expect((await run("echo next", { index: 1 })).stdout).toBe("next\n");
    });

    it("stops one step after another", async () => {
      for (const index of [0, 1]) {
        const step = await start(["echo ready", "sleep 1000"], { index });
        await seen(step, "ready");
        await executor.stopStep(spec.executionId, 600_000);
        expect((await observe(step)).end).toMatchObject({ exitCode: null, signal: "SIGTERM" });
      }
    });

    it("stops a step that was started this instant", async () => {
      const step = await start("sleep 1000");
      await executor.stopStep(spec.executionId, PATIENCE_MS);
      expect((await observe(step)).end).toMatchObject({ exitCode: null, signal: "SIGTERM" });
    });

    it("lets what a step started use the grace period", async () => {
      const step = await start([`sh -c 'trap "echo cleaned; exit 0" TERM; echo ready; while :; do sleep 0.01; done'`]);
      await seen(step, "ready");
      await executor.stopStep(spec.executionId, PATIENCE_MS);
      expect((await observe(step)).stdout).toBe("ready\ncleaned\n");
    });

    it("signals what runs once, whether or not it left the session", async () => {
      const program = `sh -c 'trap "echo signalled" TERM; echo ready; while :; do sleep 0.01; done'`;
      const step = await start([`setsid ${program} & ${program}`]);
      await seen(step, "ready\nready");
      await executor.stopStep(spec.executionId, 300);
      expect((await observe(step)).stdout).toBe("ready\nready\nsignalled\nsignalled\n");
    });

    it("kills a step that ignores SIGTERM when its grace is over", async () => {
      const step = await start(["trap '' TERM", "echo ready", "while :; do sleep 0.1; done"]);
      await seen(step, "ready");
      await executor.stopStep(spec.executionId, 50);
      expect((await observe(step)).end).toMatchObject({ type: "finished", exitCode: null, signal: "SIGKILL" });
      expect((await run("echo next", { index: 1 })).stdout).toBe("next\n");
    });

    it("shortens the grace when it is asked again", async () => {
      const step = await start(["trap '' TERM", "echo ready", "while :; do sleep 0.1; done"]);
      await seen(step, "ready");
      const patient = executor.stopStep(spec.executionId, 600_000);
      await executor.stopStep(spec.executionId, 0);
      await patient;
      expect((await observe(step)).end).toMatchObject({ signal: "SIGKILL" });
    });

    it.each([
      ["trap on TERM", "trap 'sleep 0.5; echo cleaned; exit 1' TERM"],
      ["trap on EXIT", `trap 'sh -c "sleep 0.5; echo cleaned"' EXIT`],
    ])("lets a step clean up with other programs when it is stopped: %s", async (_, trap) => {
      const duration = String(100_000 + Math.floor(Math.random() * 800_000));
      const step = await start(`${trap}; echo ready; sleep ${duration}`);
      await seen(step, "ready");
      // What a shell starts right behind the signal is stopped as well: it could be its next command.
      await until(() => countProcesses(`sleep\0${duration}\0`) > 0);
      await executor.stopStep(spec.executionId, PATIENCE_MS);
      expect((await observe(step)).stdout).toBe("ready\ncleaned\n");
    });

    it("does nothing when asked to stop where nothing runs", async () => {
      await run("true");
      await executor.stopStep(spec.executionId, PATIENCE_MS);
      await executor.stopStep("never-submitted", PATIENCE_MS);
      expect((await executor.status(spec.executionId)).state).toBe("idle");
    });

    it.each([
      ["a background process", (sleep: string) => `${sleep} & echo ready; wait`],
      ["one that left the session", (sleep: string) => `setsid ${sleep} & echo ready; wait`],
      ["one that ignores signals", (sleep: string) => `(trap '' TERM HUP INT; ${sleep}) & echo ready; wait`],
      ["one that dropped its environment", (sleep: string) => `env -i ${sleep} & echo ready; wait`],
    ])("leaves nothing behind after close: %s", async (_, script) => {
      const duration = String(100_000 + Math.floor(Math.random() * 800_000));
      const step = await start([script(`sleep ${duration}`)]);
      await seen(step, "ready");
      await until(() => countProcesses(duration) > 0);
      await executor.close(spec.executionId);
      await until(() => countProcesses(duration) === 0);
      expect(countProcesses(spec.executionId)).toBe(0);
    });

    it("leaves no file behind after close, but the workspace", async () => {
      const outcome = await run('echo "$TMPDIR/a"; mkdir -p "$TMPDIR/a/b"; echo x >"$TMPDIR/a/b/c"; touch kept');
      await executor.close(spec.executionId);
      expect(existsSync(outcome.stdout.trim())).toBe(false);
      const left = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
      expect(left).toEqual([]);
      expect(readdirSync(spec.workspace)).toEqual(["kept"]);
      expect(await executor.list()).toEqual([]);
    });

    it("knows executions that are there, and none that are closed", async () => {
      await run("true");
      const status = { executionId: spec.executionId, state: "idle" };
      expect(await executor.list()).toEqual([status]);
      expect(await openExecutor(state).list()).toEqual([status]);
      await executor.close(spec.executionId);
      expect(await executor.status(spec.executionId)).toEqual({ ...status, state: "unknown" });
    });

    it("takes a repeated submit, start and close for the same one", async () => {
      const step = await start("echo once >>file");
      await Promise.all([executor.submit(spec), executor.startStep(spec.executionId, step)]);
      await observe(step);
      await executor.startStep(spec.executionId, step);
      expect((await run("cat file", { index: 1 })).stdout).toBe("once\n");
      await Promise.all([executor.close(spec.executionId), executor.close(spec.executionId)]);
      await executor.close(spec.executionId);
    });

    it("lets a process ask again for a step that an earlier one asked for and that has not begun", async () => {
      await executor.submit(spec);
      // As long as the process that submitted lives, nobody else's step is begun.
      await openExecutor(state).startStep(spec.executionId, stepOf("echo once >>file"));
      const third = openExecutor(state);
      await third.startStep(spec.executionId, stepOf("echo once >>file"));
      const other = third.startStep(spec.executionId, stepOf("true", { index: 1 }));
      await expect(other).rejects.toMatchObject({ code: "EXECUTOR_STEP_RUNNING" });
    });

    it("refuses to start a step beside another", async () => {
      await start("sleep 1000");
      const second = executor.startStep(spec.executionId, stepOf("true", { index: 1 }));
      await expect(second).rejects.toMatchObject({ code: "EXECUTOR_STEP_RUNNING" });
    });

    it("tells who observes a step that its execution was closed", async () => {
      const step = await start("sleep 1000");
      const observing = observe(step);
      await executor.close(spec.executionId);
      expect((await observing).end?.type).toBe("lost");
    });

    it("has no words for what it does not know", async () => {
      const id = spec.executionId;
      const unknown = { code: "EXECUTOR_UNKNOWN" };
      await expect(executor.startStep(id, stepOf("true"))).rejects.toMatchObject(unknown);
      await expect(observe({ index: 0, attempt: 1 })).rejects.toMatchObject(unknown);
      await executor.submit(spec);
      const never = observe({ index: 0, attempt: 1 });
      await expect(never).rejects.toMatchObject({ code: "EXECUTOR_STEP_UNKNOWN" });
    });

    it("goes on without a gap or a repeat after our process was killed", async () => {
      const lines = 400;
      const script = [`i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo line $i; sleep 0.005; done`, "exit 7"];
      const step = stepOf(script);
      const before = await observeUntilKilled(module, state, spec, step, 5);

      expect((await executor.status(spec.executionId)).state).toBe("running");
      const after = await observe(step, { stdout: before.offset, stderr: 0 });

      const expected = Array.from({ length: lines }, (_, i) => `line ${i + 1}\n`).join("");
      expect(before.text + after.stdout).toBe(expected);
      expect(after.end).toMatchObject({ type: "finished", exitCode: 7 });
      expect(await run("echo next", { index: 1 })).toMatchObject({ stdout: "next\n", end: { exitCode: 0 } });
    });

    it("can stop and close what a process of ours started that was killed", async () => {
      const duration = String(100_000 + Math.floor(Math.random() * 800_000));
      const step = stepOf(["echo ready", `sleep ${duration}`]);
      await observeUntilKilled(module, state, spec, step, 1);
      await executor.submit(spec);
      await executor.stopStep(spec.executionId, PATIENCE_MS);
      expect((await observe(step)).end).toMatchObject({ type: "finished", signal: "SIGTERM" });
      await executor.close(spec.executionId);
      expect(countProcesses(duration)).toBe(0);
      expect(countProcesses(spec.executionId)).toBe(0);
      expect(await executor.list()).toEqual([]);
    });

    it("knows how a step ended while nobody looked", async () => {
      const step = stepOf(["echo ready", "while [ ! -e go ]; do sleep 0.01; done", "touch gone; exit 5"]);
      await observeUntilKilled(module, state, spec, step, 1);
      mkdirSync(join(spec.workspace, "go"));
      await until(() => existsSync(join(spec.workspace, "gone")));
      expect(await observe(step)).toMatchObject({ stdout: "ready\n", end: { exitCode: 5 } });
      expect((await executor.status(spec.executionId)).state).toBe("idle");
    });
  });
}

interface Outcome {
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
  readonly offsets: OutputOffsets;
  readonly end: Observation | undefined;
}

function stepOf(script: string | readonly string[], changes: Partial<StepSpec> = {}): StepSpec {
  return {
    index: 0,
    attempt: 1,
    name: "step",
    script: typeof script === "string" ? [script] : script,
    image: null,
    environment: {},
    workingDirectory: "/workspace",
    ...changes,
  };
}

async function collect(observations: AsyncIterable<Observation>): Promise<Outcome> {
  const chunks: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  const offsets = { stdout: 0, stderr: 0 };
  let end: Observation | undefined;
  for await (const observation of observations) {
    expect(end).toBeUndefined();
    if (observation.type === "output") {
      chunks[observation.stream].push(observation.data);
      offsets[observation.stream] = observation.offset;
    } else {
      end = observation;
    }
  }
  const stdoutBytes = Buffer.concat(chunks.stdout);
  return { stdout: stdoutBytes.toString(), stdoutBytes, stderr: Buffer.concat(chunks.stderr).toString(), offsets, end };
}

/** Lets another process start and observe a step; kills it with SIGKILL after so many pieces of output. */
async function observeUntilKilled(
  module: URL,
  directory: string,
  spec: ExecutionSpec,
  step: StepSpec,
  pieces: number,
): Promise<{ readonly text: string; readonly offset: number }> {
  const script = fileURLToPath(new URL("executor-conformance-child.ts", import.meta.url));
  const args = [script, module.href, directory, JSON.stringify(spec), JSON.stringify(step)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  let offset = 0;
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // Lines that arrive after the kill were seen by it all the same, so they count.
    const piece = JSON.parse(line) as { text: string; offset: number };
    text += piece.text;
    offset = piece.offset;
    count += 1;
    if (count === pieces) child.kill("SIGKILL");
  }
  return { text, offset };
}

/** Processes of which command line or environment contain `text`, but this one. */
function countProcesses(text: string): number {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    return ["cmdline", "environ"].some((file) => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, "latin1").includes(text);
      } catch {
        return false;
      }
    });
  }).length;
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error("What was waited for did not happen.");
    await setTimeout(5);
  }
}
