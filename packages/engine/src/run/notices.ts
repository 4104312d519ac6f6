import type { EngineNotice, NoticeListener } from "./request.ts";

interface Entry {
  readonly notices: readonly EngineNotice[];
  readonly done: () => void;
  /** Whoever waits for it may go on before it is told, once nothing is held back any more. */
  readonly canBeReleased: boolean;
}

/**
 * Tells listeners what happens in a run: in order, one notice at a time. Who tells may wait until it is heard, which
 * holds the source of output back to the pace of the slowest listener, or may not: a run's own course (its time-outs,
 * its end when somebody cancels it) must not depend on whether somebody reads about it.
 */
export class Notices {
  readonly #listeners = new Set<NoticeListener>();
  /** The first one is being told. */
  readonly #entries: Entry[] = [];
  readonly #onError: (error: unknown) => void;
  #isTelling = false;
  #holdsBack = true;

  /** @param onError what a listener threw; it is told nothing more */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  subscribe(listener: NoticeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when every listener has taken the notices. */
  tell(notices: readonly EngineNotice[]): Promise<void> {
    return this.#add(notices, true);
  }

  /** Resolves when every listener has taken all there is to tell now. */
  allTold(): Promise<void> {
    return this.#add([], false);
  }

  /** From now on `tell` waits for nobody. */
  release(): void {
    this.#holdsBack = false;
    for (const entry of this.#entries) if (entry.canBeReleased) entry.done();
  }

  /** Nothing more is told, and nobody waited for. */
  close(): void {
    this.#listeners.clear();
    this.release();
  }

  #add(notices: readonly EngineNotice[], canBeReleased: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#entries.push({ notices, done: resolve, canBeReleased });
    if (canBeReleased && !this.#holdsBack) resolve();
    void this.#tellAll();
    return promise;
  }

  async #tellAll(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let entry = this.#entries[0]; entry !== undefined; entry = this.#entries[0]) {
      for (const notice of entry.notices) {
        for (const listener of this.#listeners) {
          const pending = this.#call(listener, notice);
          // Most listeners are done at once; waiting for them all the same would cost a turn for every line.
          if (pending !== undefined) await pending;
        }
      }
      this.#entries.shift();
      entry.done();
    }
    this.#isTelling = false;
  }

  /** A listener that throws is its own problem: the run goes on without it. */
  #call(listener: NoticeListener, notice: EngineNotice): Promise<void> | undefined {
    const failed = (error: unknown): void => {
      this.#listeners.delete(listener);
      this.#onError(error);
    };
    try {
      return listener(notice)?.catch(failed);
    } catch (error) {
      failed(error);
      return undefined;
    }
  }
}
