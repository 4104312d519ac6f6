/** `script/soak`: see `options.ts`. */
import { probeSandbox } from "@waybill/executors";
import { setTimeout } from "node:timers/promises";
import type { ExecutorName } from "../../support/executors.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { HELP, readOptions, type SoakOptions } from "./options.ts";
import { OwnDaemon } from "./own-daemon.ts";
import { trial, TrialFailure, type TrialEnd } from "./trial.ts";

const PROGRESS_MS = 30_000;
/** The daemon is stopped about this often, where it is one of ours. */
const DAEMON_STOP_MS = 60_000;

const EXIT = { found: 1, usage: 2, interrupted: 130 } as const;

interface Tally {
  readonly ends: Record<TrialEnd, number>;
  kills: number;
}

class Soak {
  readonly #options: SoakOptions;
  readonly #executors: readonly ExecutorName[];
  readonly #daemon: OwnDaemon | null;
  readonly #tallies = new Map<ExecutorName, Tally>();
  readonly #startedAt = performance.now();
  /** Nothing new is begun. */
  #isOver = false;
  /** What is under way is ended as well. */
  readonly #abort = new AbortController();
  readonly failures: TrialFailure[] = [];
  #count = 0;

  constructor(options: SoakOptions, executors: readonly ExecutorName[], daemon: OwnDaemon | null) {
    this.#options = options;
    this.#executors = executors;
    this.#daemon = daemon;
    for (const name of executors) {
      this.#tallies.set(name, { ends: { whole: 0, disturbed: 0, "given up": 0, stopped: 0 }, kills: 0 });
    }
  }

  get isInterrupted(): boolean {
    return this.#abort.signal.aborted && this.failures.length === 0;
  }

  interrupt(): void {
    this.#isOver = true;
    this.#abort.abort();
  }

  async run(): Promise<void> {
    const background = new AbortController();
    const done = [this.#reportNowAndThen(background.signal), this.#stopDaemonNowAndThen(background.signal)];
    await Promise.all(Array.from({ length: this.#options.atOnce }, () => this.#work()));
    background.abort();
    await Promise.all(done);
  }

  async #work(): Promise<void> {
    while (!this.#isOver && performance.now() - this.#startedAt < this.#options.durationMs) {
      const number = this.#count++;
      const executor = this.#executors[number % this.#executors.length] ?? "process";
      const tally = this.#tallies.get(executor);
      if (tally === undefined) return;
      const seed = this.#options.seed + number;
      const daemon = executor === "docker" ? this.#daemon : null;
      try {
        const onKill = (): void => void (tally.kills += 1);
        tally.ends[await trial({ executor, seed, daemon, signal: this.#abort.signal, onKill })] += 1;
      } catch (error) {
        const failure = error instanceof TrialFailure ? error : new TrialFailure("", executor, error);
        this.failures.push(failure);
        this.interrupt();
      }
    }
  }

  async #reportNowAndThen(signal: AbortSignal): Promise<void> {
    while (await passed(PROGRESS_MS, signal)) print(this.summary());
  }

  async #stopDaemonNowAndThen(signal: AbortSignal): Promise<void> {
    const random = seededRandom(this.#options.seed);
    if (this.#daemon === null) return;
    while (await passed(DAEMON_STOP_MS * (0.5 + random()), signal)) {
      try {
        await this.#daemon.restart(random() < 0.5 ? "SIGTERM" : "SIGKILL");
      } catch (error) {
        this.failures.push(new TrialFailure("", "the daemon did not come back", error));
        return this.interrupt();
      }
    }
  }

  summary(): string {
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
    const parts = [...this.#tallies].map(([name, { ends, kills }]) => {
      const counted = Object.entries(ends).filter(([, count]) => count > 0);
      return `${name}: ${kills} kills, runs ${counted.map(([end, count]) => `${end} ${count}`).join(", ")}`;
    });
    const stops = this.#daemon === null ? "" : `; daemon stopped ${this.#daemon.stops} times`;
    return `${seconds} s; ${parts.join("; ")}${stops}`;
  }
}

/** False: it was called off. */
async function passed(ms: number, signal: AbortSignal): Promise<boolean> {
  return await setTimeout(ms, true, { signal }).catch(() => false);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Those that work here; what is missing is said, or ends the program where it was asked for. */
async function available(options: SoakOptions): Promise<{ executors: ExecutorName[]; daemon: OwnDaemon | null }> {
  const executors: ExecutorName[] = [];
  let daemon: OwnDaemon | null = null;
  for (const name of options.executors) {
    try {
      if (name === "sandbox") {
        const probe = await probeSandbox();
        if (!probe.available) throw new Error(probe.reason);
      }
      if (name === "docker") daemon = await OwnDaemon.start();
      executors.push(name);
    } catch (error) {
      if (options.isChosen) throw error;
      print(`without ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { executors, daemon };
}

async function main(): Promise<void> {
  let options: SoakOptions | null;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exitCode = EXIT.usage;
    return;
  }
  if (options === null) return print(HELP.trimEnd());
  const { executors, daemon } = await available(options);
  const soak = new Soak(options, executors, daemon);
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => soak.interrupt());
  print(`seed ${options.seed}, ${executors.join(", ")}, ${options.atOnce} at a time`);
  try {
    await soak.run();
  } finally {
    await daemon?.end();
  }
  print(soak.summary());
  for (const failure of soak.failures) {
    process.exitCode = EXIT.found;
    print(`\nFAILED ${failure.message}\nkept: ${failure.directory}\nagain: script/soak --seed ${options.seed}`);
  }
  if (soak.isInterrupted) process.exitCode = EXIT.interrupted;
}

await main();
