import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shellWord, shellWordWith } from "./shell-word.ts";

describe("shellWord", () => {
  test("means exactly its text to a shell, whatever that is", () => {
    const text = fc.string({ unit: fc.oneof(fc.constantFrom(..."'\"\\$`!* \n~#&;"), fc.string({ maxLength: 1 })) });
    fc.assert(
      fc.property(
        fc.array(
          text.map((word) => word.replaceAll("\0", "")),
          { minLength: 1 },
        ),
        (words) => {
          const line = words.map(
            (word) => `printf '%s|' ${word === "" ? shellWordWith("", "@@", "") : shellWord(word)}`,
          );
          const printed = execFileSync("sh", ["-c", line.join("\n")], { encoding: "utf8" });
          expect(printed).toBe(words.map((word) => `${word}|`).join(""));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("leaves places for the shell to fill in", () => {
    const word = shellWordWith("in @@ and it's @@", "@@", '"$w"');
    expect(execFileSync("sh", ["-c", `w='a b'; printf %s ${word}`], { encoding: "utf8" })).toBe("in a b and it's a b");
  });
});
