import { systemRandom, WaybillError, type Alongside, type Timer } from "@waybill/core";
import { isSettled, type RunRecord } from "@waybill/engine";
import { uncorrelated } from "../telemetry/correlation.ts";
import type { Peers } from "./peers.ts";
import type { GateVerdict } from "./run-gate.ts";
import { RunDriver, type RunDriverOptions } from "./run-driver.ts";

export interface RunQueueOptions extends RunDriverOptions {
  readonly peers: Peers;
  /** Runs that this server drives at once; those that only wait for people do not count. */
  readonly maxRuns: number;
}

/** How often the queue is looked at for runs of other servers, or that others have left. */
const LOOK_MS = 1_000;
/** The same where other servers tell of them: for what nobody lived to tell. */
const RARE_LOOK_MS = 3_000;
/** Runs beyond those driven here that one look considers. */
const CANDIDATES = 100;
/** Before a run that could not be begun, or that another server drives, is tried again. */
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** A run that cannot be begun so many times is ended. */
const ATTEMPTS = 5;
/** How often groups are rid of runs whose end their server did not live to tell. */
const SWEEP_MS = 30_000;

interface PutOff {
  readonly until: number;
  readonly failures: number;
}

/**
 * The queue of runs. A run is stored at once, and driven by whichever server claims it first; one that a server left,
 * or that died with it, is taken up by another look at the same queue.
 */
export class RunQueue {
  readonly #options: RunQueueOptions;
  readonly #driver: RunDriver;
  readonly #putOff = new Map<string, PutOff>();
  #timer: Timer | null = null;
  #look: Promise<void> = Promise.resolve();
  #lookIsDue = false;
  #isStopped = false;
  /** Runs that may not begin yet; looks go past them. */
  #waiting = new Set<string>();
  #sweptAt = -Infinity;

  constructor(options: RunQueueOptions) {
    this.#options = options;
    this.#driver = new RunDriver(options, (mayAdmit) => (mayAdmit ? this.changed() : this.wake()));
    options.peers.listen({
      queue: () => this.wake(),
      run: (runId) => options.changes.changedElsewhere(runId),
      events: () => options.changes.eventsChangedElsewhere(),
      cancel: (runId) => void this.#cancelRequested(runId),
      decided: (runId) => this.#decided(runId),
    });
  }

  /** Number of runs that this server drives. */
  get driven(): number {
    return this.#driver.size;
  }

  isDriving(runId: string): boolean {
    return this.#driver.handle(runId) !== undefined;
  }

  /**
   * Ends a run. What is stored first, in one transaction with `alongside`, is that somebody asked for it: from then on
   * it ends, also where this server does not live to see to it.
   *
   * @throws WaybillError `RUN_OVER`, or what the store says
   */
  async cancel(run: RunRecord, alongside?: Alongside): Promise<void> {
    const { store, clock } = this.#options;
    if (isSettled(run.status) || !(await store.requestCancel(run.id, clock.now(), alongside))) {
      const { status } = (await store.find(run.id)) ?? run;
      throw new WaybillError("RUN_OVER", { run: run.number, status });
    }
    const handle = this.#driver.handle(run.id);
    if (handle !== undefined) handle.cancel("user");
    else await this.#end(run, "user");
    this.#options.changes.changed(run.id);
  }

  /** Somebody has decided on something that waits, of a run that this or another server drives. */
  decided(runId: string): void {
    this.#options.peers.decided(runId);
    this.#decided(runId);
  }

  #decided(runId: string): void {
    this.#driver.handle(runId)?.wake();
    this.wake();
  }

  /** Ends a run that this server does not drive. */
  async #end(run: RunRecord, reason: "user" | "superseded"): Promise<void> {
    const { engine, gate, changes, statuses } = this.#options;
    if ((await engine.cancel(run, reason)) === "requested") return this.#options.peers.cancelRequested(run.id);
    changes.changed(run.id);
    statuses.changed(run.id);
    if (await gate.left(run)) this.changed();
  }

  /** Whoever asked for it has stored so. */
  async #cancelRequested(runId: string): Promise<void> {
    const handle = this.#driver.handle(runId);
    if (handle === undefined) return;
    // A store that cannot be read now is read by the run's driver a moment later.
    const isRequested = await this.#options.store.isCancelRequested(runId).catch(() => false);
    if (isRequested) handle.cancel("user");
  }

  /** Takes up every run that has begun and that nobody drives; to be called before anybody is served. */
  async recover(): Promise<void> {
    const { engine, log } = this.#options;
    for (const warning of await engine.sweep()) log.warn("sweep", { detail: warning });
    await this.#lookAtQueue(true);
    this.#schedule();
  }

  /** There is something new in the queue: it is looked at soon, here and by the other servers. */
  changed(): void {
    this.#options.peers.queueChanged();
    this.wake();
  }

  /** Looks at the queue soon. */
  wake(): void {
    if (this.#lookIsDue || this.#isStopped) return;
    this.#lookIsDue = true;
    setImmediate(() => {
      this.#lookIsDue = false;
      this.#look = uncorrelated(() => this.#look.then(() => this.#lookAtQueue(false))).catch((error: unknown) =>
        this.#failed(error),
      );
    });
  }

  /** Takes nothing more, and leaves what runs to go on: the next server finds it where it is. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#look;
    await this.#driver.letGo();
    // Others need not wait for their next look.
    this.#options.peers.queueChanged();
  }

  #schedule(): void {
    if (this.#isStopped) return;
    const { clock, peers } = this.#options;
    this.#timer = clock.setTimer(peers.patience(LOOK_MS, RARE_LOOK_MS), () => {
      this.wake();
      this.#schedule();
    });
  }

  /** @param onlyBegun of every age, however many */
  async #lookAtQueue(onlyBegun: boolean): Promise<void> {
    const { store, maxRuns, clock } = this.#options;
    if (this.#isStopped) return;
    if (!onlyBegun) await this.#endSuperseded();
    if (!onlyBegun && this.#driver.busy >= maxRuns) return;
    const passed = this.#driver.size + this.#waiting.size + this.#putOff.size;
    const limit = onlyBegun ? 10_000 : passed + CANDIDATES;
    const runs = await store.unfinished(limit);
    const waiting = new Set<string>();
    for (const run of runs) {
      if (this.#isStopped || (!onlyBegun && this.#driver.busy >= maxRuns)) return;
      if (this.#driver.handle(run.id) !== undefined || (onlyBegun && run.status === "pending")) continue;
      if ((this.#putOff.get(run.id)?.until ?? 0) > clock.monotonic()) continue;
      if ((await this.#take(run)) === "wait") waiting.add(run.id);
    }
    if (!onlyBegun) this.#waiting = waiting;
    const unfinished = new Set(runs.map(({ id }) => id));
    for (const id of this.#putOff.keys()) if (!unfinished.has(id)) this.#putOff.delete(id);
  }

  /** Runs that a later one of their group takes the place of, and the traces of those whose server has died. */
  async #endSuperseded(): Promise<void> {
    const { gate, store, clock } = this.#options;
    if (clock.monotonic() - this.#sweptAt >= SWEEP_MS) {
      this.#sweptAt = clock.monotonic();
      await gate.sweep();
    }
    for (const id of await gate.superseded()) {
      const handle = this.#driver.handle(id);
      const run = handle === undefined ? await store.find(id) : null;
      if (handle !== undefined) handle.cancel("superseded");
      else if (run !== null && !isSettled(run.status)) await this.#end(run, "superseded").catch(ignoreOver);
    }
  }

  /** @returns `wait`: it may not begin yet */
  async #take(run: RunRecord): Promise<"taken" | "wait"> {
    try {
      const verdict = run.status === "pending" ? await this.#verdictOn(run) : "go";
      if (verdict === "wait") return "wait";
      if (verdict === "end") await this.#end(run, "user");
      else await this.#driver.drive(run);
      this.#putOff.delete(run.id);
    } catch (error) {
      await this.#notTaken(run, error);
    }
    return "taken";
  }

  async #verdictOn(run: RunRecord): Promise<GateVerdict> {
    const { gate, store } = this.#options;
    // Whoever was asked to end it has died.
    if (await store.isCancelRequested(run.id)) return "end";
    return await gate.ask(run);
  }

  async #notTaken(run: RunRecord, error: unknown): Promise<void> {
    const code = error instanceof WaybillError ? error.code : "INTERNAL";
    if (code === "RUN_OVER") return;
    // Another server drives it: it is looked at again, should that one die.
    if (code === "RUN_IN_PROGRESS") return this.#delay(run, 1);
    const failures = (this.#putOff.get(run.id)?.failures ?? 0) + 1;
    this.#options.log.error("a run could not be begun", { run: run.id, attempt: failures }, error);
    if (failures < ATTEMPTS) return this.#delay(run, failures);
    await this.#end(run, "user").catch((inner: unknown) => this.#failed(inner));
  }

  #delay(run: RunRecord, failures: number): void {
    const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS) * (0.5 + systemRandom.next());
    this.#putOff.set(run.id, { until: this.#options.clock.monotonic() + delay, failures });
  }

  #failed(error: unknown): void {
    this.#options.log.error("the queue could not be looked at", {}, error);
  }
}

/** A run that was to be ended has ended by itself. */
function ignoreOver(error: unknown): void {
  if (!(error instanceof WaybillError) || error.code !== "RUN_OVER") throw error;
}
