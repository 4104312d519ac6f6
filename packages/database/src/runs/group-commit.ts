import type { RunChange } from "@waybill/engine";

/** A change of one run that waits to be written. */
export interface WaitingChange {
  readonly runId: string;
  readonly change: RunChange;
}

interface Waiting extends WaitingChange {
  readonly done: PromiseWithResolvers<void>;
}

/** So many changes at most are written without a pause: whatever else the process does waits meanwhile. */
const MAX_TOGETHER = 16;

/**
 * Changes of several runs that come in one turn of the event loop share a transaction: the sync to disk, most of its price,
 * is paid once, and the process stands still once. Where a change cannot be written, each is tried by itself, so that a
 * run fails of nothing but its own.
 */
export class GroupCommit {
  readonly #write: (changes: readonly WaitingChange[]) => Promise<void>;
  #waiting: Waiting[] = [];
  #isDue = false;

  /** @param write writes all of them, in one transaction, or none; they are on disk when it resolves */
  constructor(write: (changes: readonly WaitingChange[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the change is on disk. @throws what `write` says of it */
  async commit(runId: string, change: RunChange): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ runId, change, done });
    this.#schedule();
    await done.promise;
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    this.#isDue = false;
    const group = this.#waiting.splice(0, MAX_TOGETHER);
    if (this.#waiting.length > 0) this.#schedule();
    try {
      await this.#write(group);
      for (const { done } of group) done.resolve();
    } catch (error) {
      const [only] = group;
      if (only !== undefined && group.length === 1) only.done.reject(error);
      else for (const each of group) await this.#alone(each);
    }
  }

  async #alone(waiting: Waiting): Promise<void> {
    try {
      await this.#write([waiting]);
      waiting.done.resolve();
    } catch (error) {
      waiting.done.reject(error);
    }
  }
}
