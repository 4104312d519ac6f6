import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { fileError } from "@waybill/core";
import type { LogLine, LogWriter } from "@waybill/engine";
import { measure } from "./extent.ts";
import { FrameBatch } from "./frame-batch.ts";
import { readFrames } from "./frame-reader.ts";
import { INDEX_ENTRY_BYTES } from "./line-index.ts";
import type { LogPaths } from "./paths.ts";

/** Past this many queued bytes writing begins without being asked for. */
const WRITE_AT_BYTES = 256 * 1024;

/** No links: a job's output must not end up in a file elsewhere. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

interface OpenLog {
  readonly log: FileHandle;
  readonly index: FileHandle;
}

/**
 * Appends to one log. Lines are encoded as they come; what has gathered goes to disk in one write, its index entries
 * in a second one behind it, so that the index never knows a line that is not there.
 *
 * `append` cannot wait, so a caller that is faster than the disk must: whoever awaits `flush` after each chunk it has
 * read never has more than that chunk in memory, and the job's pipe holds up the job.
 *
 * Nothing is synced to disk. A killed process loses nothing that was flushed; a power cut may cost the last lines,
 * which the executor still has (`sourceOffset`).
 */
export class FileLogWriter implements LogWriter {
  readonly #paths: LogPaths;
  #files: OpenLog | null = null;
  /** Where the next frame and the next index entry go. */
  #end = 0;
  #lines = 0;
  #filling = new FrameBatch();
  #spare = new FrameBatch();
  #writing: Promise<void> | null = null;
  #error: unknown = null;
  #closed = false;

  constructor(paths: LogPaths) {
    this.#paths = paths;
  }

  append(lines: readonly LogLine[]): void {
    if (this.#closed) throw new Error("lines appended to a log that is closed");
    // After a failed write the log has ended; keeping more lines would only fill the memory.
    if (this.#error !== null) return;
    for (const line of lines) this.#filling.add(line);
    if (this.#filling.size >= WRITE_AT_BYTES) void this.#startWriting();
  }

  /** @throws WaybillError `STORE_*`: the same error ever after, as what follows a lost line must not be kept. */
  async flush(): Promise<void> {
    while (this.#error === null && (this.#writing !== null || this.#filling.size > 0)) {
      await this.#startWriting();
    }
    if (this.#error !== null) throw this.#error;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.flush();
    } finally {
      this.#closed = true;
      await this.#files?.log.close();
      await this.#files?.index.close();
    }
  }

  #startWriting(): Promise<void> {
    this.#writing ??= this.#writeQueued().finally(() => (this.#writing = null));
    return this.#writing;
  }

  /** Writes until nothing is queued. Never rejects: the error is kept for whoever flushes. */
  async #writeQueued(): Promise<void> {
    try {
      this.#files ??= await this.#open();
      while (this.#filling.size > 0) {
        const batch = this.#filling;
        this.#filling = this.#spare;
        await this.#write(this.#files, batch);
        batch.clear();
        this.#spare = batch;
      }
    } catch (error) {
      this.#error = fileError(error, this.#paths.log);
      this.#filling.clear();
    }
  }

  async #write(files: OpenLog, batch: FrameBatch): Promise<void> {
    const frames = batch.frames();
    const entries = batch.indexEntries(this.#end);
    await writeAll(files.log, frames, this.#end);
    await writeAll(files.index, entries, this.#lines * INDEX_ENTRY_BYTES);
    this.#end += frames.length;
    this.#lines += entries.length / INDEX_ENTRY_BYTES;
  }

  async #open(): Promise<OpenLog> {
    await mkdir(this.#paths.directory, { recursive: true, mode: 0o700 });
    const log = await open(this.#paths.log, OPEN_FLAGS, 0o600);
    try {
      const index = await open(this.#paths.index, OPEN_FLAGS, 0o600);
      try {
        await this.#repair({ log, index });
        return { log, index };
      } catch (error) {
        await index.close();
        throw error;
      }
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** Cuts off what a crash left half written and writes the index entries that are missing. */
  async #repair(files: OpenLog): Promise<void> {
    const extent = await measure(files);
    await files.log.truncate(extent.end);
    await files.index.truncate(extent.indexedLines * INDEX_ENTRY_BYTES);
    const missing = Buffer.alloc((extent.lines - extent.indexedLines) * INDEX_ENTRY_BYTES);
    let entry = 0;
    for await (const { end } of readFrames(files.log, extent.indexedEnd, extent.end)) {
      missing.writeDoubleLE(end, entry * INDEX_ENTRY_BYTES);
      entry += 1;
    }
    await writeAll(files.index, missing, extent.indexedLines * INDEX_ENTRY_BYTES);
    this.#end = extent.end;
    this.#lines = extent.lines;
  }
}

async function writeAll(file: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let written = 0; written < data.length;) {
    const { bytesWritten } = await file.write(data, written, data.length - written, position + written);
    written += bytesWritten;
  }
}
