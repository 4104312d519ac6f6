import { expect, test } from "vitest";
import { Notices } from "./notices.ts";
import type { EngineNotice } from "./request.ts";

function notice(time: number): EngineNotice {
  return { time, output: { job: "job", step: "step", attempt: 1, stream: "stdout", line: String(time) } };
}

function failing(): never {
  throw new Error("unexpected");
}

test("listeners that are done at once are told at once", () => {
  const notices = new Notices(failing);
  const heard: number[] = [];
  notices.subscribe(({ time }) => void heard.push(time));
  void notices.tell([notice(1), notice(2)]);
  expect(heard).toEqual([1, 2]);
});

test("a listener hears of the next thing when it has taken the last, whoever tells it", async () => {
  const notices = new Notices(failing);
  const heard: number[] = [];
  const first = Promise.withResolvers<void>();
  notices.subscribe(({ time }) => {
    heard.push(time);
    return time === 1 ? first.promise : undefined;
  });
  const told: number[] = [];
  const both = [1, 2].map(async (time) => {
    await notices.tell([notice(time)]);
    told.push(time);
  });
  await Promise.resolve();
  expect([heard, told]).toEqual([[1], []]);
  first.resolve();
  await Promise.all(both);
  expect([heard, told]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("a listener that throws or rejects is told no more, and the others are", async () => {
  const errors: string[] = [];
  const notices = new Notices((error) => void errors.push((error as Error).message));
  const heard: number[] = [];
  notices.subscribe(() => {
    throw new Error("thrown");
  });
  notices.subscribe(() => Promise.reject(new Error("rejected")));
  notices.subscribe(({ time }) => void heard.push(time));
  await notices.tell([notice(1), notice(2)]);
  expect(heard).toEqual([1, 2]);
  expect(errors).toEqual(["thrown", "rejected"]);
});

test("once released, nobody waits for a listener that does not come back, and it still gets all in order", async () => {
  const notices = new Notices(failing);
  const heard: number[] = [];
  const gate = Promise.withResolvers<void>();
  notices.subscribe(({ time }) => {
    heard.push(time);
    return gate.promise;
  });
  const before = notices.tell([notice(1)]);
  notices.release();
  await before;
  await notices.tell([notice(2)]);
  expect(heard).toEqual([1]);
  const allTold = notices.allTold();
  gate.resolve();
  await allTold;
  expect(heard).toEqual([1, 2]);
});

test("nobody hears of anything any more once it is closed", async () => {
  const notices = new Notices(failing);
  const heard: number[] = [];
  notices.subscribe(({ time }) => void heard.push(time));
  notices.close();
  await notices.tell([notice(1)]);
  expect(heard).toEqual([]);
});
