import type { EngineNotice } from "@waybill/engine";

/**
 * The lines of `waybill run --json`. `seq` counts the lines from 1: a reader that sees a gap has lost something.
 */
export class JsonLines {
  readonly #runId: string;
  #seq = 0;
  /** The last time and how it is written: most lines share it with the one before. */
  #time = Number.NaN;
  #timeText = "";

  constructor(runId: string) {
    this.#runId = runId;
  }

  /** One object, ending with a line break. `time` is ISO 8601 in UTC with milliseconds. */
  line(notice: EngineNotice): string {
    this.#seq += 1;
    const { type, ...fields } = "event" in notice ? notice.event : { type: "step.output" as const, ...notice.output };
    if (notice.time !== this.#time) {
      this.#time = notice.time;
      this.#timeText = new Date(notice.time).toISOString();
    }
    return `${JSON.stringify({ seq: this.#seq, time: this.#timeText, type, run: this.#runId, ...fields })}\n`;
  }
}
