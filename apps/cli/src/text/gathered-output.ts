import { write } from "../context.ts";

/** In UTF-16 code units. */
const WRITE_AT = 64 * 1024;

/**
 * Writes many short texts in few pieces: those of one turn of the event loop go out at its end, earlier where there
 * are many. A write for each line would cost more than all else that is done for a line.
 */
export class GatheredOutput {
  readonly #stream: NodeJS.WritableStream;
  #text = "";
  #scheduled = false;
  #blocked: Promise<void> | undefined;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
  }

  /** @returns a promise while the reader is slower than we are: wait for it before there is more */
  add(text: string): Promise<void> | undefined {
    this.#text += text;
    if (this.#text.length >= WRITE_AT) return this.flush();
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        void this.flush();
      });
    }
    return this.#blocked;
  }

  /** @returns a promise while the reader is slower than we are */
  flush(): Promise<void> | undefined {
    const text = this.#text;
    this.#text = "";
    const written = write(this.#stream, text);
    if (written === undefined) return this.#blocked;
    const blocked = written.finally(() => {
      if (this.#blocked === blocked) this.#blocked = undefined;
    });
    this.#blocked = blocked;
    return blocked;
  }
}
