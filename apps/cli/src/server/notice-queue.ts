/** More than this is kept back at its source: the reader is slower than the run. */
const FULL_AT = 5_000;

/** Items of several sources, one after the other for one reader. */
export class NoticeQueue<Item> {
  #items: Item[] = [];
  #end: { readonly error: unknown } | null = null;
  #wake = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();

  push(item: Item): void {
    this.#items.push(item);
    this.#wake.resolve();
  }

  /** Nothing more will come. @param error thrown to the reader behind what there is; null: all went well */
  close(error: unknown = null): void {
    this.#end ??= { error };
    this.#wake.resolve();
    this.#room.resolve();
  }

  /** Waits while the reader is far behind. */
  async room(): Promise<void> {
    while (this.#items.length >= FULL_AT && this.#end === null) await this.#room.promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    try {
      for (;;) {
        const items = this.#items;
        this.#items = [];
        this.#room.resolve();
        this.#room = Promise.withResolvers();
        yield* items;
        if (this.#items.length > 0) continue;
        if (this.#end !== null) {
          if (this.#end.error !== null) throw this.#end.error;
          return;
        }
        this.#wake = Promise.withResolvers();
        await this.#wake.promise;
      }
    } finally {
      this.close();
    }
  }
}
