import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { WaybillError } from "@waybill/core";
import type { ReaderData, ReadReply, ReadRequest } from "./messages.ts";

/** Two, so that one heavy page does not hold up all others. */
const THREADS = 2;
/** Statements that wait for a thread. */
const MAX_WAITING = 200;
/** For a statement, with its wait: somebody looks at an empty page meanwhile. */
const LIMIT_MS = 10_000;
/** A thread that nobody needs for so long ends, and gives its memory back. */
const IDLE_MS = 60_000;

export interface ReaderPoolOptions {
  readonly threads?: number;
  readonly maxWaiting?: number;
  readonly limitMs?: number;
  readonly idleMs?: number;
}

interface Read {
  readonly request: ReadRequest;
  readonly done: PromiseWithResolvers<readonly unknown[]>;
  readonly timer: NodeJS.Timeout;
  thread: Thread | null;
}

interface Thread {
  readonly worker: Worker;
  /** It takes what is to be read: a slow start is none of a statement's. */
  isReady: boolean;
  read: Read | null;
  idle: NodeJS.Timeout | null;
}

/**
 * Threads that read a SQLite file for whoever may take longer than the event loop has: each statement of SQLite stops the
 * thread it runs in. They are begun when they are first needed. What they see is what was committed before they began.
 */
export class ReaderPool {
  readonly #data: ReaderData;
  readonly #limits: Required<ReaderPoolOptions>;
  /** Those that were given up among them: until a statement is over, its thread is there and takes its share. */
  readonly #threads = new Set<Thread>();
  readonly #givenUp = new Set<Thread>();
  readonly #waiting: Read[] = [];
  #isClosed = false;

  constructor(data: ReaderData, options: ReaderPoolOptions = {}) {
    this.#data = data;
    this.#limits = { threads: THREADS, maxWaiting: MAX_WAITING, limitMs: LIMIT_MS, idleMs: IDLE_MS, ...options };
  }

  /** Threads there are just now. */
  get size(): number {
    return this.#threads.size;
  }

  /** @throws WaybillError `STORE_BUSY`, `STORE_TIMED_OUT`; errors of SQLite with its code in `errcode` */
  async read(sql: string, parameters: readonly unknown[]): Promise<readonly unknown[]> {
    if (this.#isClosed) throw new WaybillError("STORE_BUSY", { path: this.#data.path, detail: "it is being closed" });
    const { limitMs, maxWaiting } = this.#limits;
    if (this.#waiting.length >= maxWaiting) {
      throw new WaybillError("STORE_BUSY", { path: this.#data.path, detail: `${maxWaiting} others wait to be read` });
    }
    const done = Promise.withResolvers<readonly unknown[]>();
    const timer = setTimeout(() => this.#giveUp(read), limitMs);
    const read: Read = { request: { sql, parameters }, done, timer, thread: null };
    this.#waiting.push(read);
    this.#assign();
    return await done.promise;
  }

  /** Whoever waits is told that it is over; a statement that is under way is waited for. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const reads = [...this.#waiting.splice(0), ...[...this.#threads].flatMap(({ read }) => read ?? [])];
    for (const read of reads) {
      this.#settle(read, () =>
        read.done.reject(new WaybillError("STORE_BUSY", { path: this.#data.path, detail: "it is being closed" })),
      );
    }
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)));
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = [...this.#threads].find((each) => this.#isFree(each));
      if (thread === undefined) return this.#beginMore();
      const read = this.#waiting.shift();
      if (read === undefined) return;
      if (thread.idle !== null) clearTimeout(thread.idle);
      thread.idle = null;
      thread.read = read;
      read.thread = thread;
      // oxlint-disable-next-line require-post-message-target-origin -- that is for windows
      thread.worker.postMessage(read.request);
    }
  }

  #isFree(thread: Thread): boolean {
    return thread.isReady && thread.read === null && !this.#givenUp.has(thread);
  }

  #beginMore(): void {
    const beginning = [...this.#threads].filter(({ isReady }) => !isReady).length;
    if (this.#threads.size < this.#limits.threads && beginning < this.#waiting.length) this.#begin();
  }

  #begin(): void {
    // Beside this file, in the sources as in the bundle.
    const file = join(import.meta.dirname, `reader-thread${extname(import.meta.filename)}`);
    const worker = new Worker(file, { workerData: this.#data, name: "waybill reader", execArgv: [], env: {} });
    const thread: Thread = { worker, isReady: false, read: null, idle: null };
    this.#threads.add(thread);
    // A process ends when nothing else is to be done.
    worker.unref();
    worker.on("message", (reply: ReadReply) => this.#replied(thread, reply));
    let failure: Error | null = null;
    worker.on("error", (error) => (failure = error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", () => this.#gone(thread, failure));
  }

  #replied(thread: Thread, reply: ReadReply): void {
    const { read } = thread;
    thread.isReady = true;
    thread.read = null;
    if (read !== null && !("isReady" in reply)) {
      this.#settle(read, () => {
        if ("rows" in reply) return read.done.resolve(reply.rows);
        const { message, errcode } = reply;
        read.done.reject(Object.assign(new Error(message), errcode === null ? {} : { errcode }));
      });
    }
    if (this.#isClosed || this.#givenUp.has(thread)) return;
    thread.idle = setTimeout(() => void this.#end(thread), this.#limits.idleMs).unref();
    this.#assign();
  }

  #giveUp(read: Read): void {
    const detail = `a statement was not done after ${this.#limits.limitMs} ms`;
    this.#settle(read, () => read.done.reject(new WaybillError("STORE_TIMED_OUT", { path: this.#data.path, detail })));
    const { thread } = read;
    if (thread === null) return void this.#waiting.splice(this.#waiting.indexOf(read), 1);
    thread.read = null;
    // SQLite cannot be interrupted from here: the thread ends with the statement, and another one begins then.
    void this.#end(thread);
  }

  async #end(thread: Thread): Promise<void> {
    this.#givenUp.add(thread);
    if (thread.idle !== null) clearTimeout(thread.idle);
    await thread.worker.terminate();
  }

  #gone(thread: Thread, failure: Error | null): void {
    this.#threads.delete(thread);
    this.#givenUp.delete(thread);
    const { read } = thread;
    thread.read = null;
    // One that cannot even begin would begin again and again: whoever waits for it is told.
    const lost = thread.isReady ? [read] : this.#waiting.splice(0);
    for (const each of lost.filter((one) => one !== null)) {
      if (this.#isClosed) break;
      const detail = failure?.message ?? "a thread that reads it has ended";
      const error = new WaybillError("STORE_FAILED", { path: this.#data.path, detail }, { cause: failure });
      this.#settle(each, () => each.done.reject(error));
    }
    if (!this.#isClosed) this.#assign();
  }

  #settle(read: Read, settle: () => void): void {
    clearTimeout(read.timer);
    settle();
  }
}
