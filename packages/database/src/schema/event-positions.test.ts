import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { openRunStore } from "../open-run-store.ts";
import { SharedSqliteDialect } from "../sqlite/dialect.ts";
import { NodeSqliteDatabase } from "../sqlite/node-sqlite.ts";
import { migrateToLatest } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";

test("events keep the places they had before these got a table of their own, and those without get theirs", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-positions-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, "waybill.db");
  const database = new DatabaseSync(path);
  const db = new Kysely({ dialect: new SharedSqliteDialect(new NodeSqliteDatabase(database, 0), 0) });
  await migrateToLatest(
    db,
    path,
    Object.fromEntries(Object.entries(migrations).filter(([migration]) => migration < "0014")),
  );
  // "WBIL": a file of ours.
  database.exec(`
    pragma application_id = 1463961932;
    insert into pipeline_runs (id, number, pipeline_name, config_path, trigger, created_at, config_snapshot)
    values ('run-0-xxxxx', 1, 'shop', 'waybill.yaml', 'manual', 1, '{}')`);
  const insert = database.prepare(
    "insert into events (run_id, seq, time, payload, position) values ('run-0-xxxxx', ?, ?, ?, ?)",
  );
  const payload = JSON.stringify({ type: "job.started", job: "job-0", attempt: 1, executor: "process" });
  for (const [seq, position] of [
    [1, 0],
    [2, 2],
    [3, 1],
    [4, null],
  ] as const) {
    insert.run(seq, 1000 + seq, payload, position);
  }
  await db.destroy();

  const migrated = await openRunStore(path);
  const placed = async (after: number): Promise<readonly (readonly number[])[]> =>
    (await migrated.feed(after, 10)).flatMap((entry) => ("event" in entry ? [[entry.position, entry.seq]] : []));
  expect(await placed(0)).toEqual([
    [1, 3],
    [2, 2],
  ]);
  expect(await migrated.placeEvents(10)).toBe(1);
  expect(await placed(2)).toEqual([[3, 4]]);
  await migrated.close();
});
