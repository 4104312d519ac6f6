/** Bytes in at one end and out at the other. Each is copied a bounded number of times, however small the pieces. */
export class ByteQueue {
  #buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  append(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The bytes in the queue, valid until the next `append`. */
  view(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  drop(count: number): void {
    this.#start += count;
  }

  #makeRoom(count: number): void {
    const needed = this.length + count;
    // In place only where at least half is free: so moving is paid for by what was dropped.
    const target = needed * 2 <= this.#buffer.length ? this.#buffer : Buffer.allocUnsafe(needed * 2);
    target.set(this.view(), 0);
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = target;
  }
}
