import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { fileError, hasSystemCode } from "@waybill/core";
import type { LogLine, LogRange, LogStore, LogWriter } from "@waybill/engine";
import { measure, type Extent, type LogFiles } from "./extent.ts";
import { FileLogWriter } from "./file-log-writer.ts";
import { readFrames } from "./frame-reader.ts";
import { readLineStart } from "./line-index.ts";
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
      yield* readLines(files, range.fromLine ?? 0, range.maxLines ?? Infinity);
    } catch (error) {
      throw fileError(error, paths.log);
    } finally {
      await closeFiles(files);
    }
  }

  async lineCount(runId: string, jobName: string): Promise<number> {
    const paths = logPaths(this.#directory, runId, jobName);
    const files = await openForReading(paths);
    if (files === null) return 0;
    try {
      return (await measure(files)).lines;
    } catch (error) {
      throw fileError(error, paths.log);
    } finally {
      await closeFiles(files);
    }
  }
}

/** Lines that are whole now; what is written while reading is left to the next call. */
async function* readLines(files: LogFiles, fromLine: number, maxLines: number): AsyncGenerator<LogLine> {
  const extent = await measure(files);
  if (fromLine >= extent.lines || maxLines <= 0) return;
  const start = await nearestStart(files, extent, fromLine);
  let skip = fromLine - start.line;
  let left = maxLines;
  for await (const { frame } of readFrames(files.log, start.offset, extent.end)) {
    if (skip > 0) {
      skip -= 1;
      continue;
    }
    const { continued: _, ...line } = frame;
    yield line;
    left -= 1;
    if (left <= 0) return;
  }
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
