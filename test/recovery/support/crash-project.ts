import { openRunStore, type SqlRunStore } from "@waybill/database";
import { isSettled } from "@waybill/engine";
import { deepEqual } from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { TEST_IMAGE } from "../../support/docker-daemon.ts";
import type { ExecutorName } from "../../support/executors.ts";
import { SECOND_IMAGE } from "./crash-images.ts";
import { crashPipeline, MARKS, SECRETS } from "./crash-pipeline.ts";
import { leftovers } from "./leftovers.ts";
import { checkGapless, checkWholeRun } from "./whole-run.ts";

const PROGRAM = join(import.meta.dirname, "../../../apps/cli/dist/waybill.js");
const DYING_RUN = join(import.meta.dirname, "dying-run.ts");

/** A program takes no longer than this, whatever happens to it. */
const LONGEST_RUN_MS = 120_000;

export interface EndedProcess {
  /** Null: ended by a signal. */
  readonly exitCode: number | null;
  readonly stderr: string;
}

export interface CrashProjectOptions {
  /** `wild`: of `dying-run.ts`, set by hours again and again. */
  readonly clock?: "wild";
}

/** A project whose runs are killed and resumed, and what must hold of them at the end. */
export class CrashProject {
  readonly directory: string;
  readonly executor: ExecutorName;
  readonly #state: string;
  readonly #marks: string;
  readonly #secrets: string;
  readonly #temporary: string;
  readonly #options: CrashProjectOptions;
  readonly #children: ChildProcess[] = [];

  /** @param directory an empty one */
  constructor(directory: string, executor: ExecutorName, options: CrashProjectOptions = {}) {
    this.#options = options;
    this.directory = join(directory, "project");
    this.executor = executor;
    this.#state = join(this.directory, ".waybill");
    this.#marks = join(directory, "marks");
    this.#secrets = join(directory, "secrets.json");
    writeFileSync(this.#secrets, JSON.stringify(SECRETS), { mode: 0o600 });
    this.#temporary = join(directory, "tmp");
    for (const made of [this.directory, this.#temporary]) mkdirSync(made);
    writeFileSync(this.#marks, "");
    // Steps may run as other users.
    chmodSync(this.#marks, 0o666);
    const pipeline = crashPipeline({
      // Others see no more of this machine than their workspace, into which `dying-run.ts` brings the file.
      marks: executor === "process" ? this.#marks : "marks",
      images: executor === "docker" ? [TEST_IMAGE, SECOND_IMAGE] : [],
    });
    writeFileSync(join(this.directory, "waybill.yaml"), pipeline);
  }

  /** Starts a program in the project. */
  spawn(args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, args, {
      cwd: this.directory,
      env: { ...process.env, TMPDIR: this.#temporary, NO_COLOR: "1", WAYBILL_CRASH_CLOCK: this.#options.clock },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.push(child);
    return child;
  }

  /** Starts or resumes the run in a program that dies at `point`: see `dying-run.ts`. */
  dieAt(point: string): ChildProcess {
    return this.spawn([DYING_RUN, this.executor, point]);
  }

  /** Starts or resumes the run, as a user does where the executor lets the steps see what they have to. */
  async carryOn(): Promise<ChildProcess> {
    if (this.executor !== "process") return this.dieAt("");
    const resume = (await this.hasRun()) ? ["--resume", "1"] : [];
    return this.spawn([PROGRAM, "run", "--json", "--executor", "process", "--secrets", this.#secrets, ...resume]);
  }

  /** Carries the run on to its end, which it may have had before. */
  async finish(): Promise<void> {
    const child = await this.carryOn();
    const { exitCode, stderr } = await Promise.race([
      untilEnded(child),
      setTimeout(LONGEST_RUN_MS, TOO_LONG, { ref: false }),
    ]);
    if (stderr.includes("RUN_OVER") || (exitCode === 0 && stderr === "")) return;
    throw new Error(`exit code ${exitCode}, ${stderr}\n${await this.#problems()}`);
  }

  /** The same, where somebody took more away from the run than its program: it ends, but may have failed. */
  async finishSomehow(): Promise<void> {
    const { exitCode, stderr } = await Promise.race([
      untilEnded(await this.carryOn()),
      setTimeout(LONGEST_RUN_MS, TOO_LONG, { ref: false }),
    ]);
    if (stderr.includes("RUN_OVER") || exitCode === 0 || exitCode === 1) return;
    throw new Error(`exit code ${exitCode}, ${stderr}\n${await this.#problems()}`);
  }

  /** Gives the run up, which may have ended, or not have been stored. */
  async cancel(): Promise<void> {
    const isKnown = await this.hasRun();
    const command = [PROGRAM, "cancel", "1", "--json"];
    const child = this.spawn(
      this.executor === "process" && isKnown ? command : [DYING_RUN, this.executor, "", "cancel"],
    );
    const { exitCode, stderr } = await untilEnded(child);
    if (!stderr.includes("RUN_OVER")) deepEqual([exitCode, stderr], [0, ""]);
  }

  /** Ends the programs that are still there. */
  end(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  /** Whether the run has been stored: one that died before that is not there to be resumed. */
  async hasRun(): Promise<boolean> {
    if (!existsSync(join(this.#state, "waybill.db"))) return false;
    return await this.#read(async (store) => (await store.list(1)).length > 0);
  }

  /** Everything happened once, all of it was kept, and nothing is left but the records. */
  async checkWhole(): Promise<void> {
    deepEqual(this.#marksLeft().toSorted(), MARKS);
    await this.#read((store) => checkWholeRun(store, join(this.#state, "logs")));
    await this.checkNothingLeft();
  }

  /** No step ran more often than the pipeline says, whether or not it came to it. */
  checkNothingTwice(): void {
    const due = [...MARKS];
    for (const mark of this.#marksLeft()) {
      const position = due.indexOf(mark);
      if (position < 0) throw new Error(`${mark} ran once too often`);
      due.splice(position, 1);
    }
  }

  async checkNothingLeft(): Promise<void> {
    const executions = await this.#read(async (store) => {
      const run = await store.find("1");
      return run === null ? [] : (await store.executions(run.id)).map(({ id }) => id);
    });
    const site = {
      directory: this.directory,
      temporary: this.#temporary,
      executions,
      pids: this.#children.flatMap(({ pid }) => pid ?? []),
      dockerHost: this.executor === "docker" ? (process.env["DOCKER_HOST"] ?? "") : null,
    };
    deepEqual(await leftovers(site), []);
  }

  /** The run is over in a clear state, no step ran more often than it may, and nothing is left. */
  async checkEnded(): Promise<void> {
    this.checkNothingTwice();
    await this.#read(async (store) => {
      const run = await store.find("1");
      if (run === null) return;
      if (!isSettled(run.status)) throw new Error(`the run is ${run.status}`);
      for (const job of await store.jobs(run.id)) {
        if (!isSettled(job.status)) throw new Error(`${job.name} is ${job.status}`);
      }
      const events = await store.events(run.id, 0, 10_000);
      checkGapless(events);
      deepEqual(events.at(-1)?.event.type, "run.finished");
    });
    await this.checkNothingLeft();
  }

  async #problems(): Promise<string> {
    return await this.#read(async (store) => {
      const run = await store.find("1");
      const jobs = run === null ? [] : await store.jobs(run.id);
      return jobs.map(({ name, status, message }) => `${name}: ${status}, ${message}`).join("\n");
    });
  }

  #marksLeft(): string[] {
    return readFileSync(this.#marks, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  }

  async #read<Result>(work: (store: SqlRunStore) => Promise<Result>): Promise<Result> {
    const store = await openRunStore(join(this.#state, "waybill.db"));
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }
}

const TOO_LONG: EndedProcess = { exitCode: null, stderr: `it took longer than ${LONGEST_RUN_MS} ms` };

export async function untilEnded(child: ChildProcess): Promise<EndedProcess> {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout?.resume();
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, stderr };
}
