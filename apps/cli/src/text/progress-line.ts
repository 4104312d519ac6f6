import type { CommandContext } from "../context.ts";

const EVERY_MS = 100;

/** One line on the terminal that is written over again and again; elsewhere nothing at all. */
export class ProgressLine {
  readonly #context: CommandContext;
  #last = 0;
  #isShown = false;

  constructor(context: CommandContext) {
    this.#context = context;
  }

  show(text: () => string): void {
    const now = this.#context.clock.now();
    if (!this.#context.stderr.isTTY || now - this.#last < EVERY_MS) return;
    this.#last = now;
    this.#isShown = true;
    this.#context.stderr.write(`\r\u001b[K${text()}`);
  }

  clear(): void {
    if (this.#isShown) this.#context.stderr.write("\r\u001b[K");
    this.#isShown = false;
  }
}
