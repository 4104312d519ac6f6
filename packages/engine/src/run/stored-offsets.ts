import type { OutputOffsets } from "../ports/executor.ts";
import type { LogLine, LogStore } from "../ports/files.ts";

/** Lines read at a time. */
const CHUNK_LINES = 1000;

/**
 * How much of a step's output is in the log already: where each stream stood behind its last line there.
 *
 * Read from the end, as far as the step's own lines go: those of the step that was under way are the last ones.
 *
 * @param isOfStep whether a line is one of the step and attempt in question
 */
export async function storedOffsets(
  logs: LogStore,
  runId: string,
  jobName: string,
  isOfStep: (line: LogLine) => boolean,
): Promise<OutputOffsets> {
  const found = new Map<LogLine["stream"], number>();
  const offsets = (): OutputOffsets => ({ stdout: found.get("stdout") ?? 0, stderr: found.get("stderr") ?? 0 });
  let end = await logs.lineCount(runId, jobName);
  while (end > 0) {
    const fromLine = Math.max(0, end - CHUNK_LINES);
    const lines: LogLine[] = [];
    for await (const line of logs.read(runId, jobName, { fromLine, maxLines: end - fromLine })) lines.push(line);
    for (const line of lines.toReversed()) {
      if (!isOfStep(line)) return offsets();
      if (!found.has(line.stream)) found.set(line.stream, line.sourceOffset);
    }
    if (found.has("stdout") && found.has("stderr")) break;
    end = fromLine;
  }
  return offsets();
}
