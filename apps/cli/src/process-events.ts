import { WaybillError } from "@waybill/core";
import type { CommandContext } from "./context.ts";
import { reportError } from "./translate-error.ts";

/** The reader closed the pipe (`| head`), or the terminal is gone. */
const READER_IS_GONE = new Set(["EPIPE", "EIO", "ERR_STREAM_DESTROYED"]);

const readerGoneListeners = new Set<() => void>();
let readerIsGone = false;

/**
 * A reader that has seen enough is not an error: the command ends without a word, with the exit code it has so far.
 * A command that has something to wind down first asks for that with `onReaderGone`.
 */
export function quietWhenReaderLeaves(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (!READER_IS_GONE.has(error.code ?? "")) {
      throw new WaybillError("CLI_OUTPUT_FAILED", { reason: error.message }, { cause: error });
    }
    // Every write that was queued fails in turn; once is enough.
    if (readerIsGone) return;
    readerIsGone = true;
    if (readerGoneListeners.size === 0) process.exit();
    for (const listener of readerGoneListeners) listener();
  });
}

/** Calls `listener` instead of ending the process when nobody reads the output any more. Returns how to undo it. */
export function onReaderGone(listener: () => void): () => void {
  readerGoneListeners.add(listener);
  return () => void readerGoneListeners.delete(listener);
}

/** Whatever nobody caught is a defect of ours: reported as such, never as a bare stack. */
export function reportCrashes(context: CommandContext): void {
  const crash = (error: unknown): void => {
    process.exitCode = reportError(error, context);
    process.exit();
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}
