import { MAX_EVIDENCE_CHARACTERS, MAX_EVIDENCE_LINES } from "../failures/classify-failure.ts";
import type { LogLine, LogStore } from "../ports/files.ts";

/** The end of what a step printed. Memory is bounded, whatever it prints. */
export class LastLines {
  #lines: string[] = [];

  add(lines: readonly LogLine[]): void {
    for (const { stream, text } of lines.slice(-MAX_EVIDENCE_LINES)) {
      if (stream !== "system") this.#lines.push(cut(text));
    }
    // Trimmed in batches: shifting an array at every line would move it at every line.
    if (this.#lines.length > 4 * MAX_EVIDENCE_LINES) this.#lines = this.#lines.slice(-MAX_EVIDENCE_LINES);
  }

  get(): readonly string[] {
    return this.#lines.slice(-MAX_EVIDENCE_LINES);
  }
}

/**
 * The end of what is in the log of a step that is under way: its lines are the last ones there.
 *
 * @param isOfStep - whether a line is one of the step and attempt in question
 */
export async function storedLastLines(
  logs: LogStore,
  runId: string,
  jobName: string,
  isOfStep: (line: LogLine) => boolean,
): Promise<readonly LogLine[]> {
  const count = await logs.lineCount(runId, jobName);
  const lines: LogLine[] = [];
  for await (const line of logs.read(runId, jobName, { fromLine: Math.max(0, count - MAX_EVIDENCE_LINES) })) {
    if (isOfStep(line)) lines.push(line);
  }
  return lines;
}

/** A copy: a part of a string keeps all of it in memory. */
function cut(text: string): string {
  if (text.length <= MAX_EVIDENCE_CHARACTERS) return text;
  return Buffer.from(text.slice(0, MAX_EVIDENCE_CHARACTERS), "utf16le").toString("utf16le");
}
