import type { Clock } from "@waybill/core";
import type { OutputOffsets, StepReference } from "../ports/executor.ts";
import type { LogLine } from "../ports/files.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { RunMasking, StreamMask } from "./run-masking.ts";

export type OutputStream = "stdout" | "stderr";

/** What a stream shows of a line that has not ended yet: a progress bar, a question. Masked like any line. */
export interface UnfinishedLine {
  readonly stream: OutputStream;
  readonly text: string;
}

/** Between two looks at unfinished lines: five a second are as many as anybody sees. */
const UNFINISHED_INTERVAL_MS = 200;

interface Stream {
  readonly mask: StreamMask;
  readonly splitter: LineSplitter;
  offset: number;
  shown: string;
}

/**
 * The output of one attempt of one step on its way from bytes to lines: masked as a stream, then split. What is
 * neither certain nor complete is held back, and never in a line; so output may be taken up anew behind any line.
 */
export class OutputLines {
  readonly #streams: Readonly<Record<OutputStream, Stream>>;
  readonly #clock: Clock;
  readonly #onUnfinished: ((line: UnfinishedLine) => void) | null;
  #lookedAt = -Infinity;

  /**
   * @param from where in each stream the first byte stands
   * @param onUnfinished called with what a line shows before it ends, at most five times a second; null: nobody looks
   */
  constructor(
    masking: RunMasking,
    step: StepReference,
    from: OutputOffsets,
    clock: Clock,
    onUnfinished: ((line: UnfinishedLine) => void) | null,
  ) {
    const open = (stream: OutputStream): Stream => ({
      mask: masking.stream(from[stream]),
      splitter: new LineSplitter(stream, step.index, step.attempt),
      offset: from[stream],
      shown: "",
    });
    this.#streams = { stdout: open("stdout"), stderr: open("stderr") };
    this.#clock = clock;
    this.#onUnfinished = onUnfinished;
  }

  /** @returns the lines that are complete now */
  push(name: OutputStream, data: Buffer, time: number): LogLine[] {
    const stream = this.#streams[name];
    stream.offset += data.length;
    return stream.splitter.push(stream.mask.push(data), time);
  }

  /** Both streams have ended. @returns what is left of them */
  end(): LogLine[] {
    const now = this.#clock.now();
    return Object.values(this.#streams).flatMap(({ mask, splitter, offset }) => [
      ...splitter.push(mask.end(), now),
      ...splitter.end(offset, now),
    ]);
  }

  /** Tells of lines that have not ended yet. To be called when those that have are told: they come before them. */
  showUnfinished(): void {
    const onUnfinished = this.#onUnfinished;
    if (onUnfinished === null) return;
    const now = this.#clock.now();
    if (now - this.#lookedAt < UNFINISHED_INTERVAL_MS) return;
    for (const name of ["stdout", "stderr"] as const) {
      const stream = this.#streams[name];
      const text = stream.splitter.unfinished();
      if (text === stream.shown) continue;
      stream.shown = text;
      this.#lookedAt = now;
      onUnfinished({ stream: name, text });
    }
  }
}
