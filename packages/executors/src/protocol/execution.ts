import type { ExecutionPlace, Supervisor, SupervisorEvents } from "./host.ts";
import type { Ticker } from "./ticker.ts";

/** What this process knows of one execution; all of it can be found again from the files. */
export class Execution implements SupervisorEvents {
  readonly place: ExecutionPlace;
  readonly #ticker: Ticker;
  readonly #waiting = new Set<() => void>();
  #supervisor: Supervisor | null = null;
  /** Why nothing more will come; null while it may. */
  #gone: string | null = null;
  /** The step that was started and, as far as this process knows, has not ended. */
  runningStep: string | null = null;
  closing: Promise<void> | null = null;

  constructor(place: ExecutionPlace, ticker: Ticker) {
    this.place = place;
    this.#ticker = ticker;
  }

  get supervisor(): Supervisor {
    if (this.#supervisor === null) throw new Error("The execution has no supervisor yet.");
    return this.#supervisor;
  }

  /** Null: there is none yet. */
  get supervisorOrNull(): Supervisor | null {
    return this.#supervisor;
  }

  set supervisor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  get goneBecause(): string | null {
    return this.#gone;
  }

  /** The supervisor reports to this process; otherwise the files are all there is. */
  get isConnected(): boolean {
    return this.supervisor.send !== null;
  }

  /** The supervisor lives, reports to this process, and has said of every step that it ended. */
  get isIdle(): boolean {
    return this.isConnected && this.runningStep === null && this.#gone === null;
  }

  stepEnded(key: string): void {
    if (this.runningStep === key) this.runningStep = null;
    this.#wake();
  }

  gone(detail: string): void {
    this.#gone ??= detail;
    this.#wake();
  }

  /** Resolves at the next notice of the supervisor or the next tick, whichever is first. */
  async change(): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#ticker.remove(wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      this.#ticker.add(wake);
    });
  }

  #wake(): void {
    // A set may lose the entry it is at while it is walked.
    for (const wake of this.#waiting) wake();
  }
}
