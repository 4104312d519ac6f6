import type { Clock } from "@waybill/core";
import type { Peers } from "./peers.ts";

type Told = Pick<Peers, "runChanged" | "eventsChanged" | "areHeard" | "patience">;

const NO_PEERS: Told = {
  runChanged: () => undefined,
  eventsChanged: () => undefined,
  areHeard: false,
  patience: (usualMs) => usualMs,
};

/** To be followed in place of a run: changed with every one, and with what belongs to none. */
export const ALL_RUNS = "*";

/**
 * Wakes those who follow runs. Nothing is told but that something of a run may have changed: whoever is woken reads what
 * is stored, so nothing can be missed, and a follower that is slow holds nobody up.
 */
export class RunChanges {
  readonly #clock: Clock;
  /** How often a run was changed, and who waits for it to change, while somebody follows it. */
  readonly #followed = new Map<string, { version: number; followers: number; readonly wakes: Set<() => void> }>();

  readonly #peers: Told;

  /** @param peers servers whose followers are woken as well. Default: there are none */
  constructor(clock: Clock, peers: Told = NO_PEERS) {
    this.#clock = clock;
    this.#peers = peers;
  }

  /** Here. */
  changed(runId: string): void {
    this.#peers.runChanged(runId);
    this.changedElsewhere(runId);
  }

  /** On another server, which has told all others. */
  changedElsewhere(runId: string): void {
    for (const id of [runId, ALL_RUNS]) this.#wake(id);
  }

  /** Here: something happened that belongs to no run. */
  eventsChanged(): void {
    this.#peers.eventsChanged();
    this.eventsChangedElsewhere();
  }

  /** On another server. */
  eventsChangedElsewhere(): void {
    this.#wake(ALL_RUNS);
  }

  #wake(id: string): void {
    const run = this.#followed.get(id);
    if (run === undefined) return;
    run.version += 1;
    for (const wake of run.wakes) wake();
  }

  /** @returns to be disposed of when the run is followed no more */
  follow(runId: string): RunFollower {
    const run = this.#followed.get(runId) ?? { version: 0, followers: 0, wakes: new Set<() => void>() };
    this.#followed.set(runId, run);
    run.followers += 1;
    return {
      version: () => run.version,
      hearsOthers: () => this.#peers.areHeard,
      patience: (usualMs, rareMs) => this.#peers.patience(usualMs, rareMs),
      next: async (seen, timeoutMs, signal) => {
        if (run.version !== seen || signal.aborted) return;
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            timer.cancel();
            run.wakes.delete(wake);
            signal.removeEventListener("abort", wake);
            resolve();
          };
          const timer = this.#clock.setTimer(timeoutMs, wake);
          run.wakes.add(wake);
          signal.addEventListener("abort", wake);
        });
      },
      [Symbol.dispose]: () => {
        run.followers -= 1;
        if (run.followers === 0) this.#followed.delete(runId);
      },
    };
  }
}

export interface RunFollower extends Disposable {
  /** To be asked for before what is stored is read. */
  version(): number;
  /** Whether it is told at once of what other servers do, as far as can be known. */
  hearsOthers(): boolean;
  /** See `Peers`. */
  patience(usualMs: number, rareMs: number): number;
  /** Resolves when the run has changed since `seen`, the time is over, or the signal is aborted. */
  next(seen: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
}
