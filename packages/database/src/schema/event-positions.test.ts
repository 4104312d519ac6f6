import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sampleRun } from "@waybill/engine/testing";
import { expect, onTestFinished, test } from "vitest";
import { openRunStore } from "../open-run-store.ts";
import { openSqlite } from "../sqlite/open.ts";
import { migrateToLatest } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";

test("events keep the places they had before these got a table of their own, and those without get theirs", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-positions-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, "waybill.db");
  // As the version before has left it.
  const store = await openRunStore(path);
  const { id } = await store.create(sampleRun("run-0-xxxxx"));
  await store.close();
  const database = new DatabaseSync(path);
  database.exec(`
    drop table event_positions; drop table unplaced_events;
    alter table events add column position bigint;
    create unique index events_by_position on events (position) where position > 0;
    create index events_without_position on events (time, run_id, seq) where position is null;
    delete from kysely_migration where name >= '0014'`);
  const insert = database.prepare("insert into events (run_id, seq, time, payload, position) values (?, ?, ?, ?, ?)");
  const payload = JSON.stringify({ type: "job.started", job: "job-0", attempt: 1, executor: "process" });
  for (const [seq, position] of [
    [1, 0],
    [2, 2],
    [3, 1],
    [4, null],
  ] as const) {
    insert.run(id, seq, 1000 + seq, payload, position);
  }
  database.close();

  const db = await openSqlite(path);
  await migrateToLatest(db, path, migrations);
  await db.destroy();
  const migrated = await openRunStore(path);
  expect((await migrated.feed(0, 10)).map((entry) => "event" in entry && [entry.position, entry.seq])).toEqual([
    [1, 3],
    [2, 2],
  ]);
  expect(await migrated.placeEvents(10)).toBe(1);
  expect((await migrated.feed(2, 10)).map((entry) => "event" in entry && [entry.position, entry.seq])).toEqual([
    [3, 4],
  ]);
  await migrated.close();
});
