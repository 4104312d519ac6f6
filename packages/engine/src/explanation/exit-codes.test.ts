import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { exitMeaning } from "./exit-codes.ts";

describe("exitMeaning", () => {
  it.each([
    [0, "success"],
    [1, "the command says that it failed"],
    [2, "called in a wrong way"],
    [3, "the command's own"],
    [100, "the command's own"],
    [124, "took too long"],
    [125, "before the command began"],
    [126, "cannot be executed"],
    [127, "not found"],
    [128, "fatal error"],
    [129, "SIGHUP"],
    [130, "Ctrl-C"],
    [134, "an assertion that failed"],
    [137, "no memory left"],
    [139, "SIGSEGV: the program crashed"],
    [141, "a pipe that nobody reads"],
    [143, "SIGTERM: asked to end"],
    [160, "signal 32"],
    [192, "signal 64"],
    [193, "the command's own"],
    [254, "the command's own"],
    [255, "ssh"],
  ])("of %s", (code, words) => {
    expect(exitMeaning(code, null).meaning).toContain(words);
  });

  it("goes by the signal where it is known", () => {
    expect(exitMeaning(null, "SIGTERM").meaning).toContain("asked to end");
    expect(exitMeaning(null, "SIGWINCH").meaning).toBe("ended by SIGWINCH");
    expect(exitMeaning(null, null).meaning).toContain("there is none");
  });

  it.skipIf(process.platform !== "linux")("knows signals by the numbers they have here", () => {
    const unknown = Array.from({ length: 255 }, (_, code) => exitMeaning(code, null).meaning)
      .map((meaning) => /^ended by (SIG[A-Z0-9]+)/.exec(meaning)?.[1])
      .map((name, code) => [name, code - 128] as const)
      .filter(([name, number]) => name !== undefined && constants.signals[name as NodeJS.Signals] !== number);
    expect(unknown).toEqual([]);
  });

  it("says what to do about every failure", () => {
    const silent = Array.from({ length: 256 }, (_, code) => code).filter(
      (code) => exitMeaning(code, null).remedy === "",
    );
    expect(silent).toEqual([0]);
  });
});
