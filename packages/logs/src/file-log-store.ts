import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { fileError, hasSystemCode, WaybillError } from "@waybill/core";
import type { LogLine, LogRange, LogStore, LogWriter } from "@waybill/engine";
import { measure, type Extent, type LogFiles } from "./extent.ts";
import { FileLogWriter } from "./file-log-writer.ts";
import { readFrames } from "./frame-reader.ts";
import { countEntries, readLineStart } from "./line-index.ts";
import { logPaths, type LogPaths } from "./paths.ts";

/** Logs as files below `directory`, which is made with the first line of a job. */
export function openLogStore(directory: string): LogStore {
  return new FileLogStore(directory);
}

class FileLogStore implements LogStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  write(runId: string, jobName: string): LogWriter {
    return new FileLogWriter(logPaths(this.#directory, runId, jobName));
  }

  async *read(runId: string, jobName: string, range: LogRange = {}): AsyncGenerator<LogLine> {
    const paths = logPaths(this.#directory, runId, jobName);
    const files = await openForReading(paths);
    if (files === null) return;
    try {
      const lost = yield* readLines(files, range.fromLine ?? 0, range.maxLines ?? Infinity);
      if (lost.count > 0) {
        const detail = `${lost.count} of its lines cannot be read, the first is line ${lost.first + 1}`;
        throw new WaybillError("STORE_LOG_DAMAGED", { path: paths.log, detail });
      }
    } catch (error) {
      throw fileError(error, paths.log);
    } finally {
      await closeFiles(files);
    }
  }

  lineCount(runId: string, jobName: string): Promise<number> {
    return this.#withFiles(runId, jobName, 0, async (files) => (await measure(files)).lines);
  }

  findLoss(runId: string, jobName: string): Promise<string | null> {
    return this.#withFiles(runId, jobName, null, async (files) => {
      const { lines, end } = await measure(files);
      const torn = (await files.log.stat()).size - end;
      const known = files.index === null ? 0 : await countEntries(files.index);
      if (torn > 0) return `${torn} bytes behind line ${lines} are no whole line`;
      return known > lines ? `its index knows ${known} lines, of which ${lines} are there` : null;
    });
  }

  /** @param nothing - the answer where the job has printed nothing */
  async #withFiles<Result>(
    runId: string,
    jobName: string,
    nothing: Result,
    look: (files: LogFiles) => Promise<Result>,
  ): Promise<Result> {
    const paths = logPaths(this.#directory, runId, jobName);
    const files = await openForReading(paths);
    if (files === null) return nothing;
    try {
      return await look(files);
    } catch (error) {
      throw fileError(error, paths.log);
    } finally {
      await closeFiles(files);
    }
  }
}

interface LostLines {
  readonly count: number;
  /** From 0; meaningless where there are none. */
  readonly first: number;
}

/**
 * Lines that were whole when reading began; what is written meanwhile is left to the next call. Where a frame is not
 * what was written, the index says where the next one begins.
 */
async function* readLines(
  files: LogFiles,
  fromLine: number,
  maxLines: number,
): AsyncGenerator<LogLine, LostLines, undefined> {
  const extent = await measure(files);
  const toLine = Math.min(extent.lines, fromLine + maxLines);
  let lost: LostLines = { count: 0, first: 0 };
  if (fromLine >= toLine) return lost;
  let { line, offset } = await nearestStart(files, extent, fromLine);
  while (line < toLine) {
    for await (const { frame } of readFrames(files.log, offset, extent.end)) {
      line += 1;
      if (line <= fromLine) continue;
      const { continued: _, ...shown } = frame;
      yield shown;
      if (line >= toLine) return lost;
    }
    lost = { count: lost.count + 1, first: lost.count === 0 ? line : lost.first };
    line += 1;
    // Frames behind the index were read one by one when the log was measured: they are whole.
    const next = await readLineStart(files.index, line);
    if (next === null) break;
    offset = next;
  }
  return lost;
}

/** The line itself where the index knows it, else the last one it knows. */
async function nearestStart(files: LogFiles, extent: Extent, line: number): Promise<{ line: number; offset: number }> {
  if (line <= extent.indexedLines) {
    const offset = await readLineStart(files.index, line);
    if (offset !== null) return { line, offset };
  }
  return { line: extent.indexedLines, offset: extent.indexedEnd };
}

/** Null: the job has printed nothing. */
async function openForReading(paths: LogPaths): Promise<LogFiles | null> {
  const log = await openIfThere(paths.log);
  if (log === null) return null;
  try {
    return { log, index: await openIfThere(paths.index) };
  } catch (error) {
    await log.close();
    throw error;
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return null;
    throw fileError(error, path);
  }
}

async function closeFiles(files: LogFiles): Promise<void> {
  await files.log.close();
  await files.index?.close();
}
