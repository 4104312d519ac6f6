import type { StoreSignals } from "@waybill/database";

export interface PeerListener {
  /** There may be something in the queue. */
  readonly queue: () => void;
  /** Something of a run has changed. */
  readonly run: (runId: string) => void;
  /** Something has happened that belongs to no run. */
  readonly events: () => void;
  /** Somebody wants a run to end. */
  readonly cancel: (runId: string) => void;
  /** Somebody has decided on something that a run waits for. */
  readonly decided: (runId: string) => void;
}

const RUN_SIGNAL = /^(run|cancel|decided):([0-9A-Za-z-]{1,64})$/;

/**
 * The other servers on the same database. They are woken where there is something for them to look at, and none has to look
 * often; each looks now and then all the same, as a signal can be lost.
 */
export class Peers {
  readonly #signals: StoreSignals;
  readonly #patienceMs: number | undefined;

  /** @param patienceMs between two looks while others are heard, for tests of what is not found by looking */
  constructor(signals: StoreSignals, patienceMs?: number) {
    this.#signals = signals;
    this.#patienceMs = patienceMs;
  }

  /** Milliseconds until the next look: `rareMs` while others are heard, else `usualMs`. */
  patience(usualMs: number, rareMs: number): number {
    return this.areHeard ? (this.#patienceMs ?? rareMs) : usualMs;
  }

  /** Whether they tell us at once: what is looked at in case they cannot is then looked at less often. */
  get areHeard(): boolean {
    return this.#signals.isLive;
  }

  queueChanged(): void {
    this.#signals.send("queue");
  }

  runChanged(runId: string): void {
    this.#signals.send(`run:${runId}`);
  }

  eventsChanged(): void {
    this.#signals.send("events");
  }

  cancelRequested(runId: string): void {
    this.#signals.send(`cancel:${runId}`);
  }

  decided(runId: string): void {
    this.#signals.send(`decided:${runId}`);
  }

  listen(listener: PeerListener): void {
    this.#signals.listen((signal) => {
      // Some may have been missed. Followers look by themselves soon enough.
      if (signal === null || signal === "queue") return listener.queue();
      if (signal === "events") return listener.events();
      const [, kind, runId = ""] = RUN_SIGNAL.exec(signal) ?? [];
      if (kind === "run") listener.run(runId);
      if (kind === "cancel") listener.cancel(runId);
      if (kind === "decided") listener.decided(runId);
    });
  }
}
