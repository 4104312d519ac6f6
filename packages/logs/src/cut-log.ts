import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { fileError, hasSystemCode } from "@waybill/core";
import { readFrames } from "./frame-reader.ts";
import { INDEX_ENTRY_BYTES } from "./line-index.ts";
import { logPaths } from "./paths.ts";

/**
 * Leaves the first `lines` lines of a job's log below `directory`, and nothing behind them. Nobody may write it.
 * @throws WaybillError `STORE_*`
 */
export async function cutLog(directory: string, runId: string, jobName: string, lines: number): Promise<void> {
  const paths = logPaths(directory, runId, jobName);
  await change(paths.log, async (log) => {
    let left = lines;
    let end = 0;
    if (left > 0) {
      for await (const frame of readFrames(log, 0, (await log.stat()).size)) {
        end = frame.end;
        left -= 1;
        if (left === 0) break;
      }
    }
    await log.truncate(end);
  });
  // Shorter than the log is normal: it is completed by the next writer.
  await change(paths.index, async (index) => {
    const { size } = await index.stat();
    await index.truncate(Math.min(size, lines * INDEX_ENTRY_BYTES));
  });
}

/** Where the file is not there, there is nothing to change. */
async function change(path: string, edit: (file: FileHandle) => Promise<void>): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return;
    throw fileError(error, path);
  }
  try {
    await edit(file);
  } catch (error) {
    throw fileError(error, path);
  } finally {
    await file.close();
  }
}
