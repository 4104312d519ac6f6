/**
 * Lets pieces of work begin one in each turn of the event loop, in the order in which they were asked for. Whatever else the
 * process does (a request to answer, a page to send) then waits for one piece at most, however many jobs move at once: with
 * all of them in one turn, twenty jobs kept a request waiting for fifty milliseconds.
 *
 * One for all runs of a process. Where nothing else waits, a turn costs some microseconds.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn; what it does without waiting for anything is its piece. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#schedule();
    });
  }

  #schedule(): void {
    setImmediate(() => {
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
