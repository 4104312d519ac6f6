import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ROUTE } from "@waybill/slip";
import { sampleEvent, sampleHeader } from "@waybill/slip/testing";
import { slipStoreConformance } from "@waybill/slip/testing/conformance";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore } from "../open-run-store.ts";
import { openSlipStore } from "../open-slip-store.ts";
import { spawnProgram } from "../testing/spawn-program.ts";

slipStoreConformance("SQLite", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-slips-"));
  const place = join(directory, "slips.db");
  return {
    open: () => openSlipStore(place),
    spawnWriters: (id, first, count) => spawnProgram("slip-writer", place, id, String(first), String(count)),
    dispose: () => rm(directory, { recursive: true }),
  };
});

describeWith("postgres", "PostgreSQL", () => {
  slipStoreConformance("PostgreSQL", async () => {
    const database = await PostgresDatabase.create();
    return {
      open: () => openSlipStore(database.url),
      spawnWriters: (id, first, count) => spawnProgram("slip-writer", database.url, id, String(first), String(count)),
      dispose: () => database.drop(),
    };
  });
});

test("a cell that is not what it should be is named, and nothing is made of it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-slips-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const place = join(directory, "slips.db");
  const runs = await openRunStore(place);
  onTestFinished(() => runs.close());
  const store = await runs.slipStore(DEFAULT_ROUTE);
  const { slipId, correlationId, commitSha, repository } = sampleHeader("a");
  await store.create(sampleHeader("a"));
  await store.append(slipId, [sampleEvent("1")]);

  const database = new DatabaseSync(place);
  onTestFinished(() => database.close());
  const spoil = (statement: string): void => database.exec(statement);
  spoil("update routing_slips set ancestry = '[{\"commit_sha\": 1}]'");
  await expect(store.load(correlationId)).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  spoil("update routing_slips set ancestry = '[]', components = '{'");
  await expect(store.load(correlationId)).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  await expect(store.append(slipId, [sampleEvent("2")])).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  spoil("update routing_slips set components = '[]', status = 'lost'");
  await expect(store.findByCommit(repository, commitSha)).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  spoil("update routing_slips set status = 'failed'");
  expect((await store.load(correlationId))?.events).toHaveLength(1);
  spoil("update routing_slip_events set status = 'lost'");
  await expect(store.load(correlationId)).rejects.toMatchObject({ code: "STORE_DAMAGED" });
});
