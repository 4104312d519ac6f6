import { systemClock } from "@waybill/core";
import { setTimeout } from "node:timers/promises";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import type { StoreSignals } from "../runs/store-signals.ts";
import { readAddress } from "./address.ts";
import { PostgresSignals } from "./signals.ts";

describeWith("postgres", "signals", () => {
  let database: PostgresDatabase;

  beforeEach(async () => {
    database = await PostgresDatabase.create();
    return () => database.drop();
  });

  async function open(): Promise<{ readonly signals: StoreSignals; readonly heard: (string | null)[] }> {
    const signals = new PostgresSignals(readAddress(database.url), systemClock);
    onTestFinished(() => signals.close());
    const heard: (string | null)[] = [];
    signals.listen((signal) => heard.push(signal));
    await vi.waitFor(() => expect(signals.isLive).toBe(true));
    return { signals, heard };
  }

  test("reach the others, each once where it is sent twice, and not their sender", async () => {
    const [one, other] = [await open(), await open()];
    for (const signal of ["a", "b", "a"]) one.signals.send(signal);
    await vi.waitFor(() => expect(other.heard).toEqual([null, "a", "b"]));
    other.signals.send("c");
    await vi.waitFor(() => expect(one.heard).toEqual([null, "c"]));
  });

  test("that are many go in several messages", async () => {
    const [one, other] = [await open(), await open()];
    const sent = Array.from({ length: 1_000 }, (_, index) => `run:${"0".repeat(30)}${index}`);
    for (const signal of sent) one.signals.send(signal);
    await vi.waitFor(() => expect(other.heard).toEqual([null, ...sent]));
  });

  test("are sent before the connection is closed", async () => {
    const [one, other] = [await open(), await open()];
    one.signals.send("last");
    await one.signals.close();
    await vi.waitFor(() => expect(other.heard).toEqual([null, "last"]));
  });

  test("come again behind a lost connection, and listeners are told that some may have been missed", async () => {
    const [one, other] = [await open(), await open()];
    await database.execute(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'waybill signals'",
    );
    await vi.waitFor(() => expect(one.heard.length + other.heard.length).toBe(4), 10_000);
    expect([...one.heard, ...other.heard]).toEqual([null, null, null, null]);
    one.signals.send("again");
    await vi.waitFor(() => expect(other.heard.at(-1)).toBe("again"));
  });

  test("cost nobody anything where there is no server: it is tried again later", async () => {
    const signals = new PostgresSignals(readAddress("postgres://nobody@127.0.0.1:9/none"), systemClock);
    signals.send("a");
    await setTimeout(30);
    expect(signals.isLive).toBe(false);
    await signals.close();
  });
});
