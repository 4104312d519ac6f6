import { describe, expect, it } from "vitest";
import type { LogLine } from "../ports/files.ts";
import { LastLines } from "./last-lines.ts";

function lines(...texts: readonly string[]): readonly LogLine[] {
  return texts.map((text) => ({ time: 0, stream: "stdout", step: 0, attempt: 1, sourceOffset: 0, text }));
}

describe("the last lines of a step", () => {
  it("are the last hundred, however they came", () => {
    const last = new LastLines();
    for (let at = 0; at < 1000; at += 4) last.add(lines(...[0, 1, 2, 3].map((next) => String(at + next))));
    last.add(lines(...Array.from({ length: 150 }, (_, at) => String(1000 + at))));
    expect(last.get()).toEqual(Array.from({ length: 100 }, (_, at) => String(1050 + at)));
  });

  it("are cut, and have nothing of what Waybill says itself", () => {
    const last = new LastLines();
    last.add(lines("ä".repeat(65_536)));
    last.add(lines("ours").map((line) => ({ ...line, stream: "system" })));
    expect(last.get()).toEqual(["ä".repeat(300)]);
  });
});
