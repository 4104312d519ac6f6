import { describe, expect, test } from "vitest";
import type { LogLine, LogStore } from "../ports/files.ts";
import { storedOffsets } from "./stored-offsets.ts";

/** A log that is all there is of a port: lines in memory. */
function logOf(lines: readonly LogLine[]): LogStore {
  return {
    write: () => {
      throw new Error("nothing is written here");
    },
    async *read(_run, _job, { fromLine = 0, maxLines = Infinity } = {}) {
      yield* await Promise.resolve(lines.slice(fromLine, fromLine + maxLines));
    },
    lineCount: () => Promise.resolve(lines.length),
    findLoss: () => Promise.resolve(null),
  };
}

function line(step: number, stream: LogLine["stream"], sourceOffset: number, time = 0): LogLine {
  return { time, stream, step, attempt: 1, sourceOffset, text: "" };
}

const ofStep =
  (step: number, since = 0) =>
  (each: LogLine): boolean =>
    each.step === step && each.time >= since;

describe("where the output of a step is taken up", () => {
  test("at its beginning where nothing of it was kept", async () => {
    expect(await storedOffsets(logOf([]), "r", "j", ofStep(0))).toEqual({ stdout: 0, stderr: 0 });
    expect(await storedOffsets(logOf([line(0, "stdout", 9)]), "r", "j", ofStep(1))).toEqual({ stdout: 0, stderr: 0 });
  });

  test("behind the last line of each stream, however far that is back", async () => {
    const many = Array.from({ length: 2500 }, (_, index) => line(1, "stdout", 100 + index));
    const lines = [line(0, "stderr", 7), line(1, "stderr", 40), ...many];
    expect(await storedOffsets(logOf(lines), "r", "j", ofStep(1))).toEqual({ stdout: 2599, stderr: 40 });
  });

  test("not where the same step of an earlier attempt of the job stood", async () => {
    const lines = [line(0, "stdout", 500, 10), line(0, "stderr", 6, 30)];
    expect(await storedOffsets(logOf(lines), "r", "j", ofStep(0, 20))).toEqual({ stdout: 0, stderr: 6 });
  });
});
