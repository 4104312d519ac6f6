import { WaybillError } from "@waybill/core";
import type { JobRecord, LogLine } from "@waybill/engine";
import type { LogReader } from "./opening.ts";

/** Lines read at a time: more after a chunk of short ones, fewer after one of long ones. */
const FEWEST_LINES = 64;
const MOST_LINES = 4096;
const CHUNK_CHARACTERS = 256 * 1024;

export interface JobLogOptions {
  /** Whether a line is wanted. */
  readonly wants: (line: LogLine) => boolean;
  /** Whether every line is. */
  readonly wantsAll: boolean;
}

/** The wanted lines of one job, read forward in chunks; files are open only while a chunk is read. */
export class JobLog {
  readonly job: JobRecord;
  readonly #store: LogReader;
  readonly #runId: string;
  readonly #options: JobLogOptions;
  #position = 0;
  #chunkLines = FEWEST_LINES;
  #damage: WaybillError | null = null;

  constructor(store: LogReader, runId: string, job: JobRecord, options: JobLogOptions) {
    this.#store = store;
    this.#runId = runId;
    this.job = job;
    this.#options = options;
  }

  /** The next line that will be looked at, from 0. */
  get position(): number {
    return this.#position;
  }

  wants(line: LogLine): boolean {
    return this.#options.wants(line);
  }

  /** Lines that could not be read were left out; null: there were none. */
  get damage(): WaybillError | null {
    return this.#damage;
  }

  /**
   * Goes to the first line that is not older. Lines are in order of time, so this halves its way; where the clock was
   * set back meanwhile, to one of the places that would do.
   *
   * @param time - milliseconds since the epoch
   */
  async skipBefore(time: number): Promise<void> {
    let low = this.#position;
    let high = await this.#store.lineCount(this.#runId, this.job.name);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const line = await this.#first(middle, high);
      if (line !== null && line.time < time) low = middle + 1;
      else high = middle;
    }
    this.#position = low;
  }

  /** Goes on to where so many wanted lines are left. Reads no more than it must, from the end. */
  async skipToLast(count: number): Promise<void> {
    const begin = this.#position;
    let at = await this.#store.lineCount(this.#runId, this.job.name);
    if (this.#options.wantsAll) {
      this.#position = Math.max(begin, at - count);
      return;
    }
    let left = count;
    for (let chunk = FEWEST_LINES; at > begin && left > 0; chunk = Math.min(2 * chunk, MOST_LINES)) {
      const from = Math.max(begin, at - chunk);
      const wanted: number[] = [];
      let number = from;
      await this.#read(from, at - from, (line) => {
        if (this.#options.wants(line)) wanted.push(number);
        number += 1;
        return true;
      });
      at = wanted.length >= left ? (wanted.at(-left) ?? from) : from;
      left -= wanted.length;
    }
    this.#position = left > 0 ? begin : at;
  }

  /** The next wanted lines; null: there are no more now. An empty chunk only means that none of its lines was wanted. */
  async next(): Promise<readonly LogLine[] | null> {
    const lines: LogLine[] = [];
    let seen = 0;
    let characters = 0;
    const isWhole = await this.#read(this.#position, this.#chunkLines, (line) => {
      seen += 1;
      characters += line.text.length;
      if (this.#options.wants(line)) lines.push(line);
      return true;
    });
    if (!isWhole) {
      // Lines that were left out count as well.
      const count = await this.#store.lineCount(this.#runId, this.job.name);
      seen = Math.min(this.#chunkLines, count - this.#position);
    }
    if (seen === 0) return null;
    this.#position += seen;
    const isShort = characters < CHUNK_CHARACTERS;
    this.#chunkLines = Math.min(Math.max(this.#chunkLines * (isShort ? 2 : 0.5), FEWEST_LINES), MOST_LINES);
    return lines;
  }

  async #first(from: number, to: number): Promise<LogLine | null> {
    let found: LogLine | null = null;
    await this.#read(from, to - from, (line) => {
      found = line;
      return false;
    });
    return found;
  }

  /**
   * @param take - false: enough
   * @returns whether all lines could be read
   */
  async #read(fromLine: number, maxLines: number, take: (line: LogLine) => boolean): Promise<boolean> {
    try {
      for await (const line of this.#store.read(this.#runId, this.job.name, { fromLine, maxLines })) {
        if (!take(line)) break;
      }
      return true;
    } catch (error) {
      if (!(error instanceof WaybillError) || error.code !== "STORE_LOG_DAMAGED") throw error;
      this.#damage ??= error;
      return false;
    }
  }
}
