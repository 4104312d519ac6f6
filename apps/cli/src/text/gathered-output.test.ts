import { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { GatheredOutput } from "./gathered-output.ts";

/** Takes one text at a time, each when it is told to. */
function slowReader(): { readonly stream: Writable; readonly texts: string[]; readonly take: () => void } {
  const texts: string[] = [];
  const taken: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 10,
    decodeStrings: false,
    write(text: string, _encoding, done) {
      texts.push(text);
      taken.push(done);
    },
  });
  return { stream, texts, take: () => taken.shift()?.() };
}

test("texts of one turn go out together at its end", async () => {
  const { stream, texts } = slowReader();
  const output = new GatheredOutput(stream);
  for (const text of ["a", "b", "c"]) expect(output.add(text)).toBeUndefined();
  expect(texts).toEqual([]);
  await setImmediate();
  expect(texts).toEqual(["abc"]);
});

test("many go out at once, and whoever adds more waits for the reader", async () => {
  const { stream, texts, take } = slowReader();
  const output = new GatheredOutput(stream);
  const first = output.add("x".repeat(100_000));
  expect(first).toBeInstanceOf(Promise);
  expect(texts.length).toBe(1);
  const second = output.add("y");
  expect(second).toBe(first);
  take();
  await first;
  await setImmediate();
  take();
  expect(texts).toEqual(["x".repeat(100_000), "y"]);
  expect(output.add("z")).toBeUndefined();
});

test("what is left goes out when it is asked for", () => {
  const { stream, texts } = slowReader();
  const output = new GatheredOutput(stream);
  void output.add("last words");
  void output.flush();
  expect(texts).toEqual(["last words"]);
});
