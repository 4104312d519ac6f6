import { openRunStore } from "@waybill/database";
import type { StoredEvent } from "@waybill/engine";
import { openLogStore } from "@waybill/logs";
import { spawn, type ChildProcess } from "node:child_process";
import { deepEqual } from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { crashPipeline, MARKS, OUTPUT } from "./crash-pipeline.ts";

/** How long supervisors without work may take to notice: they look once a second. */
const PATIENCE_MS = 20_000;

export interface EndedProcess {
  /** Null: ended by a signal. */
  readonly exitCode: number | null;
  readonly stderr: string;
}

/** A project whose runs are killed and resumed, and what must hold of them at the end. */
export class CrashProject {
  readonly directory: string;
  readonly #state: string;
  readonly #marks: string;
  readonly #temporary: string;

  static async create(): Promise<CrashProject> {
    return new CrashProject(await temporaryDirectory());
  }

  private constructor(directory: string) {
    this.directory = join(directory, "project");
    this.#state = join(this.directory, ".waybill");
    this.#marks = join(directory, "marks");
    this.#temporary = join(directory, "tmp");
    for (const made of [this.directory, this.#temporary]) mkdirSync(made);
    writeFileSync(this.#marks, "");
    writeFileSync(join(this.directory, "waybill.yaml"), crashPipeline(this.#marks));
  }

  /** Starts a program in the project; it does not outlive the test. */
  spawn(args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, args, {
      cwd: this.directory,
      env: { ...process.env, TMPDIR: this.#temporary, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  }

  /** Whether the run has been stored: one that died before that is not there to be resumed. */
  async hasRun(): Promise<boolean> {
    const path = join(this.#state, "waybill.db");
    if (!existsSync(path)) return false;
    const store = await openRunStore(path);
    try {
      return (await store.list(1)).length > 0;
    } finally {
      await store.close();
    }
  }

  /** Everything happened once, all of it was kept, and nothing is left but the records. */
  async expectWhole(): Promise<void> {
    deepEqual(readFileSync(this.#marks, "utf8").trimEnd().split("\n").toSorted(), MARKS);
    const store = await openRunStore(join(this.#state, "waybill.db"));
    try {
      const run = await store.find("1");
      if (run === null) throw new Error("there is no run");
      deepEqual([run.status, run.reason], ["success", null]);
      expectGapless(await store.events(run.id, 0, 10_000));
      const logs = openLogStore(join(this.#state, "logs"));
      for (const [job, expected] of Object.entries(OUTPUT)) {
        const lines: string[] = [];
        for await (const { stream, text } of logs.read(run.id, job)) lines.push(`${stream} ${text}`);
        const sorted = [
          ...lines.filter((line) => line.startsWith("stdout")),
          ...lines.filter((line) => line.startsWith("stderr")),
        ];
        deepEqual(sorted, expected);
      }
      const statuses = (await store.jobs(run.id)).map(({ status }) => status);
      deepEqual(new Set(statuses), new Set(["success"]));
    } finally {
      await store.close();
    }
    await this.#expectNothingLeft();
  }

  async #expectNothingLeft(): Promise<void> {
    const left = (): string[] => [
      ...list(join(this.#state, "workspaces")),
      ...list(join(this.#state, "claims")),
      ...list(join(this.#state, "executions")).filter((name) => !/\/supervisor-\w+\.sh$/.test(name)),
      ...list(this.#temporary),
      ...processesOf(this.directory),
    ];
    const end = Date.now() + PATIENCE_MS;
    while (left().length > 0 && Date.now() < end) await setTimeout(50);
    deepEqual(left(), []);
  }
}

export async function untilEnded(child: ChildProcess): Promise<EndedProcess> {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout?.resume();
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, stderr };
}

function expectGapless(events: readonly StoredEvent[]): void {
  deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
  const told = events.flatMap(({ event }) => {
    if (event.type === "run.resumed") return [];
    if (event.type === "step.started") return [`${event.type} ${event.step} ${event.attempt}`];
    if (event.type === "step.finished") return [`${event.type} ${event.step} ${event.attempt} ${event.status}`];
    return ["job" in event ? `${event.type} ${event.job}` : event.type];
  });
  deepEqual(told.at(-1), "run.finished");
  const job = (name: string): string[] => [`job.started ${name}`, `job.finished ${name}`];
  const step = (name: string, attempt = 1, status = "success"): string[] => [
    `step.started ${name} ${attempt}`,
    `step.finished ${name} ${attempt} ${status}`,
  ];
  deepEqual(
    told.toSorted(),
    [
      ...["run.started", "run.finished", ...job("build"), ...job("step-again"), ...job("job-again"), ...job("check")],
      ...[...step("compile"), ...step("link"), ...step("verify"), ...step("behind-flaky")],
      ...[...step("flaky-step", 1, "failed"), "job.retry step-again", ...step("flaky-step", 2)],
      ...[...step("flaky-job", 1, "failed"), "job.retry job-again", "job.started job-again", ...step("flaky-job")],
    ].toSorted(),
  );
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
}

/** Command lines of the processes that work in a directory or were started with a path in it; empty without `/proc`. */
function processesOf(directory: string): string[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      return commandLine.includes(directory) || environment.includes(`${directory}/`) ? [`${pid} ${commandLine}`] : [];
    } catch {
      return [];
    }
  });
}
