const MINUTE_MS = 60_000;
const MINUTES = 60;

interface Minute {
  readonly minute: number;
  all: number;
  failed: number;
}

/** What part of the jobs of the last hour failed, minute by minute. */
export class FailureRate {
  readonly #now: () => number;
  #minutes: Minute[] = [];

  /** @param now in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(isFailure: boolean): void {
    const minute = this.#forget();
    let last = this.#minutes.at(-1);
    if (last?.minute !== minute) this.#minutes.push((last = { minute, all: 0, failed: 0 }));
    last.all += 1;
    if (isFailure) last.failed += 1;
  }

  /** 0 where there were no jobs. */
  percent(): number {
    this.#forget();
    const all = this.#minutes.reduce((sum, minute) => sum + minute.all, 0);
    const failed = this.#minutes.reduce((sum, minute) => sum + minute.failed, 0);
    return all === 0 ? 0 : (100 * failed) / all;
  }

  #forget(): number {
    const minute = Math.floor(this.#now() / MINUTE_MS);
    this.#minutes = this.#minutes.filter((one) => one.minute > minute - MINUTES);
    return minute;
  }
}
