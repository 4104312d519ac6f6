import { addressOf, call } from "../api/client.ts";
import type { LogLine } from "../api/generated/operations.ts";
import { parseStream } from "../live/parse-stream.ts";

const PAGE_LINES = 250;
/** Lines that are kept: those furthest from what is looked at are forgotten first. */
const MAX_PAGES = 120;
const FIRST_WAIT_MS = 50;
const WAIT_MS = 1_000;

/**
 * A job's log as ranges that are read when somebody looks at them, and what is added while the job runs. However long the
 * log is, a few thousand lines of it are here.
 */
export class LogSource {
  readonly #jobId: string;
  readonly #pages = new Map<number, (LogLine | undefined)[]>();
  readonly #loading = new Map<number, AbortController>();
  /** Lines with which a step or another attempt of it begins, as far as they have been seen. */
  readonly #beginnings = new Map<number, LogLine>();
  readonly #watchers = new Set<() => void>();
  readonly #ending = new AbortController();
  #total: number | null = null;
  #error: unknown = null;
  #version = 0;
  #frame = 0;
  #seen = 0;
  #isFollowing = false;

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly version = (): number => this.#version;

  /** Null: not known yet. */
  get total(): number | null {
    return this.#total;
  }

  get error(): unknown {
    return this.#error;
  }

  get isStopped(): boolean {
    return this.#ending.signal.aborted;
  }

  get beginnings(): ReadonlyMap<number, LogLine> {
    return this.#beginnings;
  }

  lineAt(index: number): LogLine | undefined {
    return this.#pages.get(Math.floor(index / PAGE_LINES))?.[index % PAGE_LINES];
  }

  /** Reads what is missing of a range, both ends included. */
  want(first: number, last: number): void {
    const [from, to] = [Math.floor(Math.max(0, first) / PAGE_LINES), Math.floor(Math.max(0, last) / PAGE_LINES)];
    this.#seen = from;
    // Somebody drags the bar: what was passed is not waited for.
    for (const [page, aborter] of this.#loading) if (page < from - 1 || page > to + 1) aborter.abort();
    for (let page = from; page <= to; page += 1) void this.#load(page);
  }

  /** Takes what is printed from now on, until the job has settled or `stop` is called. */
  async follow(): Promise<void> {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    while (!this.#ending.signal.aborted) {
      try {
        // Behind what is there already, once that is known.
        if (this.#total !== null && (await this.#stream(this.#total))) return;
      } catch {
        // Cut: it goes on behind the last line that came.
      }
      await new Promise((resolve) => setTimeout(resolve, this.#total === null ? FIRST_WAIT_MS : WAIT_MS));
    }
  }

  stop(): void {
    this.#ending.abort();
    cancelAnimationFrame(this.#frame);
  }

  retry(): void {
    this.#error = null;
    this.#changed();
    void this.#load(0);
  }

  /** @returns whether the log is whole */
  async #stream(from: number): Promise<boolean> {
    const address = addressOf("getJobLog", { params: { id: this.#jobId }, query: { follow: "true", from } });
    const response = await fetch(address, { headers: { accept: "text/event-stream" }, signal: this.#ending.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      const { events, rest } = parseStream(text + value);
      text = rest;
      const lines = events.filter(({ kind }) => kind === "line").map(({ data }) => data as unknown as LogLine);
      if (lines.length > 0) this.#put(lines);
      if (events.some(({ kind }) => kind === "end")) return true;
    }
  }

  async #load(page: number): Promise<void> {
    const from = page * PAGE_LINES;
    const isWhole = this.#total !== null && this.#count(page) >= Math.min(PAGE_LINES, this.#total - from);
    if (isWhole || this.#loading.has(page) || this.#ending.signal.aborted) return;
    const aborter = new AbortController();
    this.#loading.set(page, aborter);
    const signal = AbortSignal.any([aborter.signal, this.#ending.signal]);
    try {
      const params = { id: this.#jobId };
      const { items, total_lines } = await call("getJobLog", {
        params,
        query: { from, limit: PAGE_LINES },
        signal,
      });
      this.#total = Math.max(this.#total ?? 0, total_lines);
      this.#error = null;
      this.#put(items);
    } catch (error) {
      if (signal.aborted) return;
      this.#error = error;
      this.#changed();
    } finally {
      this.#loading.delete(page);
    }
  }

  #count(page: number): number {
    const lines = this.#pages.get(page);
    return lines === undefined ? 0 : lines.reduce((sum, line) => (line === undefined ? sum : sum + 1), 0);
  }

  #put(lines: readonly LogLine[]): void {
    for (const line of lines) {
      const number = Math.floor(line.line / PAGE_LINES);
      let page = this.#pages.get(number);
      if (page === undefined) this.#pages.set(number, (page = []));
      page[line.line % PAGE_LINES] = line;
      const before = this.lineAt(line.line - 1);
      const begins = line.line === 0 || (before !== undefined && !isSameStep(before, line));
      if (begins) this.#beginnings.set(line.line, line);
    }
    this.#total = Math.max(this.#total ?? 0, (lines.at(-1)?.line ?? -1) + 1);
    this.#forget();
    this.#changed();
  }

  #forget(): void {
    if (this.#pages.size <= MAX_PAGES) return;
    const last = Math.floor((this.#total ?? 0) / PAGE_LINES);
    const far = [...this.#pages.keys()]
      .filter((page) => page < last - 1)
      .sort((a, b) => Math.abs(b - this.#seen) - Math.abs(a - this.#seen));
    for (const page of far.slice(0, this.#pages.size - MAX_PAGES)) this.#pages.delete(page);
  }

  /** However many lines come, they are drawn once a frame. */
  #changed(): void {
    this.#version += 1;
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      for (const watcher of this.#watchers) watcher();
    });
  }
}

function isSameStep(a: LogLine, b: LogLine): boolean {
  return a.step === b.step && a.attempt === b.attempt;
}
