import { setImmediate } from "node:timers/promises";

const SLICE_MS = 4;

/**
 * Many small files are handled by calls that block: each takes some microseconds, a trip through the thread pool five
 * times as many. This gives the rest of the process its turn every few milliseconds.
 */
export class Slices {
  #began = performance.now();

  async pause(): Promise<void> {
    if (performance.now() - this.#began < SLICE_MS) return;
    await setImmediate();
    this.#began = performance.now();
  }
}
