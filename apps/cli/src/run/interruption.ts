/** The signals that ask a run to end: Ctrl-C, a polite `kill`, a terminal that was closed. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Interruptible {
  /** First signal: end gracefully. */
  cancel(): void;
  /** Second: end at once. */
  kill(): void;
  /** Third, or the end did not come: leave the process. */
  abandon(): void;
}

/**
 * Turns signals, or a reader of our output that went away, into the end of a run. What arrives before there is a run
 * to end is kept for it.
 */
export class Interruption implements Disposable {
  #count = 0;
  #target: Interruptible | null = null;
  readonly #onSignal = (): void => this.interrupt();

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** Whether anything asked the run to end. */
  get requested(): boolean {
    return this.#count > 0;
  }

  attach(target: Interruptible): void {
    this.#target = target;
    if (this.#count > 0) target.cancel();
  }

  interrupt(): void {
    this.#count += 1;
    if (this.#count === 1) this.#target?.cancel();
    else if (this.#count === 2 && this.#target !== null) this.#target.kill();
    else if (this.#target !== null) this.#target.abandon();
    else process.exit(130);
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
