import { ManualClock } from "@waybill/core/testing";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { RunChanges } from "./run-changes.ts";
import { serverSentEvents, type EventPage } from "./server-sent-events.ts";

const NOTHING: EventPage = { events: [], isLast: false };

function event(id: number): EventPage["events"][number] {
  return { id, type: "step.started", data: { text: `line\n${id}` } };
}

/** What a stream gave so far; it is read as fast as it goes. */
function collect(stream: AsyncGenerator<string>): { readonly parts: string[]; readonly ended: Promise<void> } {
  const parts: string[] = [];
  const ended = (async () => {
    for await (const part of stream) parts.push(part);
  })();
  return { parts, ended };
}

test("what is stored comes at once, what follows when the run changes, and the end is said", async () => {
  const clock = new ManualClock();
  const changes = new RunChanges(clock);
  const pages: EventPage[] = [{ events: [event(1), event(2)], isLast: false }];
  const read = (): Promise<EventPage> => Promise.resolve(pages.shift() ?? NOTHING);
  const stream = serverSentEvents(read, changes.follow("run"), () => true, new AbortController().signal);
  const { parts, ended } = collect(stream);
  await setImmediate();
  expect(parts).toEqual([
    "retry: 1000\n\n",
    'id: 1\nevent: step.started\ndata: {"text":"line\\n1"}\n\nid: 2\nevent: step.started\ndata: {"text":"line\\n2"}\n\n',
  ]);
  pages.push({ events: [event(3)], isLast: true }, { events: [], isLast: true });
  changes.changed("another");
  await setImmediate();
  expect(parts).toHaveLength(2);
  changes.changed("run");
  await ended;
  expect(parts.slice(2)).toEqual([expect.stringMatching(/^id: 3\n/), "event: end\ndata: {}\n\n"]);
  expect(clock.pendingDelays()).toEqual([]);
});

test("a change while the store is read is not missed", async () => {
  const changes = new RunChanges(new ManualClock());
  let reads = 0;
  const read = async (): Promise<EventPage> => {
    reads += 1;
    if (reads === 1) changes.changed("run");
    await setImmediate();
    return reads === 1 ? NOTHING : { events: [], isLast: true };
  };
  const signal = new AbortController().signal;
  const { ended } = collect(serverSentEvents(read, changes.follow("run"), () => true, signal));
  await ended;
  expect(reads).toBe(2);
});

test("silence is broken, and a run of another server is looked at again and again", async () => {
  const clock = new ManualClock();
  const changes = new RunChanges(clock);
  const gone = new AbortController();
  let reads = 0;
  let isDrivenHere = true;
  const read = (): Promise<EventPage> => {
    reads += 1;
    return Promise.resolve(NOTHING);
  };
  const { parts, ended } = collect(serverSentEvents(read, changes.follow("run"), () => isDrivenHere, gone.signal));
  await setImmediate();
  clock.advance(15_000);
  await setImmediate();
  expect(parts.slice(1)).toEqual([": still here\n\n"]);
  isDrivenHere = false;
  clock.advance(15_000);
  await setImmediate();
  const before = reads;
  clock.advance(200);
  await setImmediate();
  expect(reads).toBe(before + 1);
  gone.abort();
  await ended;
  expect(clock.pendingDelays()).toEqual([]);
});
